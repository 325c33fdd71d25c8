"""What running engines tell, of made-up processes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.discovery.engine_processes import EngineProcesses, Monitor
from runtime.kernel.proc_folder import ProcFolder
from tests.files.processes import MadeUpProc

OTHER = 12345


@pytest.fixture
def proc(tmp_path: Path) -> MadeUpProc:
    return MadeUpProc(tmp_path / "proc")


@pytest.fixture
def processes(proc: MadeUpProc, descriptors: Callable[[], int]) -> Iterator[EngineProcesses]:
    before = descriptors()
    made = EngineProcesses(proc.path)
    yield made
    made.close()
    assert descriptors() == before


def patterns(processes: EngineProcesses) -> list[str]:
    processes.begin_look()
    return processes.patterns()


def folder(tmp_path: Path, name: str) -> Path:
    made = tmp_path / name
    made.mkdir(parents=True)
    return made


def test_a_monitor_with_a_root(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    root = folder(tmp_path, "crio")
    proc.start(7, f"/usr/bin/conmon -c abc -n web -r /usr/bin/crun --runtime-arg --root={root}")
    assert patterns(processes) == [str(root)]
    assert processes.monitor("abc") == Monitor(name="web", runtime="/usr/bin/crun")
    assert processes.monitor("x") is None
    proc.end(7)
    assert patterns(processes) == []
    assert processes.monitor("abc") is None


def test_a_monitor_of_a_user_tells_by_its_environment(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path, require_root: None
) -> None:
    root = folder(tmp_path, "run/crun")
    proc.start(
        7,
        "/usr/bin/conmon -c abc -n web -r /home/u/bin/crun",
        environment={"HOME": "/home/u", "XDG_RUNTIME_DIR": str(tmp_path / "run")},
        owner=OTHER,
    )
    assert patterns(processes) == [str(root)]
    # Another user's program is not for root to run.
    assert processes.monitor("abc") == Monitor(name="web", runtime="")


def test_conmon_rs(proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path) -> None:
    root = folder(tmp_path, "pods")
    proc.start(7, f"/usr/bin/conmonrs --runtime /usr/bin/crun --runtime-root {root}")
    assert patterns(processes) == [str(root)]


SHIM = "/usr/bin/containerd-shim-runc-v2 -namespace shop -id one -address /c.sock"


def test_a_shim_tells_by_the_options_in_its_bundle(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    bundle, root = folder(tmp_path, "bundle"), folder(tmp_path, "roots/shop")
    proc.start(7, SHIM, cwd=bundle)
    assert patterns(processes) == []
    options = bundle / "options.json"
    options.write_text('{"binary_na')  # it is being written
    assert patterns(processes) == []
    options.write_text(json.dumps({"binary_name": "runc", "root": str(root.parent)}))
    assert patterns(processes) == [str(root)]
    options.unlink()
    assert patterns(processes) == [str(root)]


def test_the_first_kind_of_shim(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    root = folder(tmp_path, "docker/runtime-runc/moby")
    proc.start(7, f"containerd-shim -namespace moby -runtime-root {root.parent}")
    assert patterns(processes) == [str(root)]


def test_docker_by_its_command_line(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    run = folder(tmp_path, "e")
    proc.start(7, "/usr/sbin/dockerd --exec-root e --data-root /d -H unix:///s", cwd=tmp_path)
    assert patterns(processes) == [f"{run}/runtime-*/*"]
    (daemon,) = processes.daemons()
    assert (daemon.data_root, daemon.namespace, daemon.sockets) == ("/d", "moby", ("/s",))


def test_docker_by_its_configuration(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    run = folder(tmp_path, "e")
    config = {"exec-root": str(run), "data-root": "/d", "containerd-namespace": "dock"}
    (tmp_path / "daemon.json").write_text(json.dumps(config | {"hosts": ["unix:///h", "tcp://x"]}))
    proc.start(7, "dockerd --config-file daemon.json", cwd=tmp_path)
    assert patterns(processes) == [f"{run}/runtime-*/*"]
    (daemon,) = processes.daemons()
    assert (daemon.data_root, daemon.namespace, daemon.sockets) == ("/d", "dock", ("/h",))


def test_docker_of_a_user(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path, require_root: None
) -> None:
    run = folder(tmp_path, "run/docker")
    variables = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "HOME": "/home/u"}
    proc.start(7, "dockerd", environment=variables, owner=OTHER)
    assert patterns(processes) == [f"{run}/runtime-*/*"]
    assert processes.daemons()[0].data_root == "/home/u/.local/share/docker"


def test_a_broken_configuration_of_docker_is_as_good_as_none(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    (tmp_path / "daemon.json").write_text('{"exec-root": 7')
    proc.start(7, "dockerd --config-file daemon.json", cwd=tmp_path)
    processes.begin_look()
    assert [each.exec_root for each in processes.daemons()] == ["/run/docker"]


def test_what_is_no_engine(proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path) -> None:
    root = folder(tmp_path, "root")
    proc.start(7, f"/usr/bin/vim conmon -c abc -r runc --runtime-arg --root={root}")
    proc.start(8, "/usr/bin/containerd")
    (proc.path / "self").mkdir()
    assert patterns(processes) == []


def test_a_process_becomes_an_engine_after_it_was_forked(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    root = folder(tmp_path, "root")
    proc.start(6, "init")
    assert patterns(processes) == []
    proc.start(7, "podman run x")
    for _ in range(3):  # as for somebody who is told of every change
        assert patterns(processes) == []
    proc.exec(7, f"conmon -c abc -r runc --runtime-arg --root={root}")
    assert patterns(processes) == [str(root)]


def test_what_was_there_before_is_looked_at_twice(
    proc: MadeUpProc, processes: EngineProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    read = ProcFolder.read

    def noting(self: ProcFolder, pid: int, name: str) -> bytes | None:
        reads.append(pid)
        return read(self, pid, name)

    monkeypatch.setattr(ProcFolder, "read", noting)
    proc.start(7, "sh")
    for _ in range(4):
        patterns(processes)
    assert reads == [7, 7]


def test_a_pid_that_is_given_to_another(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    one, two = folder(tmp_path, "one"), folder(tmp_path, "two")
    proc.start(7, f"conmon -c abc -r runc --runtime-arg --root={one}")
    assert patterns(processes) == [str(one)]
    os.rename(proc.path / "7", tmp_path / "old")
    proc.start(7, f"conmon -c def -r runc --runtime-arg --root={two}")
    assert patterns(processes) == [str(two)]


@pytest.mark.parametrize("root", ["relative", "/tmp/*/runc", "/nowhere"])
def test_roots_that_make_no_sense(proc: MadeUpProc, processes: EngineProcesses, root: str) -> None:
    proc.start(7, f"conmon -c abc -r runc --runtime-arg --root={root}")
    assert patterns(processes) == []


def test_a_path_in_another_mount_namespace(
    proc: MadeUpProc, processes: EngineProcesses, tmp_path: Path
) -> None:
    """The same path means the same folder for a rootless podman, another in a container."""
    root = folder(tmp_path, "root")
    line = f"conmon -c abc -r runc --runtime-arg --root={root}"
    seen = proc.start(7, line, namespace="mnt:[1]") / f"root{root}"
    seen.mkdir(parents=True)
    assert patterns(processes) == []
    seen.rmdir()
    seen.symlink_to(root)
    assert patterns(processes) == [str(root)]


def test_an_ordinary_user_is_told_of_own_processes_only(
    proc: MadeUpProc,
    processes: EngineProcesses,
    tmp_path: Path,
    require_root: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine, others = folder(tmp_path, "mine"), folder(tmp_path, "others")
    proc.start(7, f"conmon -c abc -r runc --runtime-arg --root={mine}", owner=OTHER)
    proc.start(8, f"conmon -c def -r runc --runtime-arg --root={others}")
    monkeypatch.setattr("runtime.discovery.engine_processes.os.geteuid", lambda: OTHER)
    assert patterns(processes) == [str(mine)]
    assert processes.monitor("abc") == Monitor(name="", runtime="runc")
    assert processes.monitor("def") is None
