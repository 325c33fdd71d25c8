"""Finding containers in recorded state files of runc and crun."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery import containers
from runtime.discovery.containers import ContainerFinder
from runtime.discovery.roots import default_roots
from runtime.discovery.state_files import read_record
from runtime.kernel.proc import identify
from runtime.model import ContainerState, ProcessIdentity

Write = Callable[..., Path]


def us() -> ProcessIdentity:
    """A process that is alive: this one."""
    found = identify(os.getpid())
    assert found is not None
    return found


def runc_state(init: ProcessIdentity | None = None, **changes: Any) -> dict[str, Any]:
    """The parts of runc 1.1's state.json that matter, among some that do not."""
    init = init or us()
    state: dict[str, Any] = {
        "id": "box",
        "init_process_pid": init.pid,
        "init_process_start": init.start_time,
        "created": "2026-11-24T05:57:23.131293233Z",
        "config": {
            "no_pivot_root": False,
            "rootfs": "/bundles/box/rootfs",
            "labels": [
                "org.example.note=a=b",
                "io.container.manager=libpod",
                "bundle=/bundles/box",
            ],
        },
        "rootless": False,
        "cgroup_paths": {"freezer": "/sys/fs/cgroup/freezer/box"},
    }
    return state | changes


def crun_status(init: ProcessIdentity | None = None, **changes: Any) -> dict[str, Any]:
    """crun 1.8's status file."""
    init = init or us()
    status: dict[str, Any] = {
        "pid": init.pid,
        "process-start-time": init.start_time,
        "cgroup-path": "/box",
        "scope": None,
        "rootfs": "/bundles/box/rootfs",
        "systemd-cgroup": False,
        "bundle": "/bundles/box",
        "created": "2026-11-24T05:57:24.131293Z",
        "owner": "root",
        "detached": True,
        "external_descriptors": '["/dev/null","/dev/null","/dev/null"]',
    }
    return status | changes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    made.mkdir()
    return made


@pytest.fixture
def runc(root: Path) -> Write:
    """A function that writes the state of a runc container."""

    def write(name: str = "box", text: bytes | None = None, **changes: Any) -> Path:
        folder = root / name
        folder.mkdir(exist_ok=True)
        if text is None:
            text = json.dumps(runc_state(**changes)).encode()
        (folder / "state.json").write_bytes(text)
        return folder

    return write


@pytest.fixture
def crun(root: Path) -> Write:
    """A function that writes the state of a crun container."""

    def write(name: str = "box", annotations: dict[str, str] | None = None, **changes: Any) -> Path:
        folder = root / name
        folder.mkdir(exist_ok=True)
        (folder / "status").write_text(json.dumps(crun_status(**changes)))
        config = {"ociVersion": "1.0.0", "annotations": annotations, "process": {}}
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    return write


def only(root: Path) -> Any:
    found, problems = ContainerFinder([str(root)]).find()
    assert problems == []
    assert len(found) == 1
    return found[0]


def test_runc(root: Path, runc: Write) -> None:
    runc("box")
    found = only(root)
    assert (found.id, found.name, found.runtime, found.engine) == ("box", "box", "runc", "podman")
    assert (found.root, found.bundle) == (str(root), "/bundles/box")
    assert (found.state, found.init, found.demo) == (ContainerState.RUNNING, us(), False)
    assert found.created == pytest.approx(1795499843.131293, abs=1e-5)


def test_crun(root: Path, crun: Write) -> None:
    crun("box", {"io.container.manager": "cri-o"})
    found = only(root)
    assert (found.id, found.runtime, found.engine) == ("box", "crun", "cri-o")
    assert (found.root, found.bundle) == (str(root), "/bundles/box")
    assert (found.state, found.init) == (ContainerState.RUNNING, us())
    assert found.created == pytest.approx(1795499844.131293, abs=1e-5)


def test_records(root: Path, runc: Write, crun: Write) -> None:
    of_runc = read_record(runc("a"))
    assert of_runc is not None
    assert of_runc.config_path == "/bundles/box/config.json"
    assert of_runc.annotations == {"org.example.note": "a=b", "io.container.manager": "libpod"}
    of_crun = read_record(crun("b", {"note": "x"}))
    assert of_crun is not None
    assert of_crun.config_path == str(root / "b/config.json")
    assert of_crun.annotations == {"note": "x"}


def test_without_a_manager_the_runtime_is_the_engine(root: Path, crun: Write, runc: Write) -> None:
    crun("a")
    runc("b", config={"labels": None})
    found, _ = ContainerFinder([str(root)]).find()
    assert [each.engine for each in found] == ["runc", "crun"]


def test_demo_containers_are_marked(root: Path, runc: Write, crun: Write) -> None:
    runc("a", config={"labels": ["org.exectop.demo=true", "bundle=/b"]})
    crun("b", {"org.exectop.demo": "true"})
    crun("c", {"org.exectop.demo": "false"})
    found, _ = ContainerFinder([str(root)]).find()
    assert {each.id: each.demo for each in found} == {"a": True, "b": True, "c": False}


@pytest.mark.parametrize("kind", ["runc", "crun"])
def test_states(root: Path, kind: str, request: pytest.FixtureRequest) -> None:
    write: Write = request.getfixturevalue(kind)
    folder = write("box")
    assert only(root).state is ContainerState.RUNNING
    os.mkfifo(folder / "exec.fifo")
    assert only(root).state is ContainerState.CREATED
    assert only(root).init == us()
    write("box", init=ProcessIdentity(pid=os.getpid(), start_time=us().start_time + 1))
    assert only(root).state is ContainerState.STOPPED
    assert only(root).init is None


@pytest.mark.parametrize("pid", [0, -1])
def test_a_container_without_a_process_is_stopped(
    root: Path, runc: Write, crun: Write, pid: int
) -> None:
    init = ProcessIdentity(pid=pid, start_time=0)
    runc("a", init=init)
    crun("b", init=init)
    found, problems = ContainerFinder([str(root)]).find()
    assert problems == []
    assert [(each.state, each.init) for each in found] == [(ContainerState.STOPPED, None)] * 2


def test_a_frozen_process_is_paused(
    root: Path, runc: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    runc("box")
    frozen = {os.getpid()}
    monkeypatch.setattr(containers, "is_frozen", frozen.__contains__)
    assert only(root).state is ContainerState.PAUSED
    frozen.clear()
    assert only(root).state is ContainerState.RUNNING


def test_a_state_changes_though_the_file_does_not(
    root: Path, runc: Write, zombie: tuple[Any, ProcessIdentity]
) -> None:
    folder = runc("box")
    finder = ContainerFinder([str(root)])
    os.mkfifo(folder / "exec.fifo")
    assert finder.find()[0][0].state is ContainerState.CREATED
    (folder / "exec.fifo").unlink()
    assert finder.find()[0][0].state is ContainerState.RUNNING
    runc("box", init=zombie[1])
    assert finder.find()[0][0].state is ContainerState.STOPPED


def test_the_oldest_comes_first(root: Path, runc: Write) -> None:
    runc("c", created="2026-01-02T00:00:00Z")
    runc("b", created="2026-01-03T00:00:00Z")
    runc("a", created="2026-01-03T00:00:00Z")
    runc("d", created="long ago")
    found, _ = ContainerFinder([str(root)]).find()
    assert [each.id for each in found] == ["d", "c", "a", "b"]
    assert found[0].created is None


def test_one_id_in_two_roots_is_two_containers(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "box").mkdir(parents=True)
        (tmp_path / name / "box/state.json").write_text(json.dumps(runc_state()))
    found, _ = ContainerFinder([str(tmp_path / "one"), str(tmp_path / "two")]).find()
    assert [each.id for each in found] == ["box", "box"]
    assert len({each.key for each in found}) == 2


def test_a_root_that_is_not_there_is_no_problem(tmp_path: Path) -> None:
    assert ContainerFinder([str(tmp_path / "nowhere")]).find() == ([], [])


def test_what_is_no_container_is_passed_over(root: Path, runc: Write) -> None:
    runc("box")
    (root / "empty").mkdir()
    (root / "file").write_text("x")
    (root / "dangling").symlink_to("nowhere")
    assert only(root).id == "box"


whole = json.dumps(runc_state(ProcessIdentity(pid=1, start_time=1))).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        whole[:-1],
        whole[: len(whole) // 2],
        b"no JSON",
        b"[]",
        b"{}",
        b'"text"',
        whole.replace(b'"init_process_pid": 1', b'"init_process_pid": "1"'),
        whole.replace(b"/bundles", b"/\xff"),
        b'{"x":' + b"[" * 200_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_a_broken_file_is_a_problem_and_hides_no_other(
    root: Path, runc: Write, text: bytes
) -> None:
    runc("box")
    runc("broken", text)
    found, problems = ContainerFinder([str(root)]).find()
    assert [each.id for each in found] == ["box"]
    assert len(problems) == 1
    assert problems[0].startswith(f"cannot make sense of the container state in {root}/broken: ")


def test_a_broken_crun_status_is_a_problem(root: Path, crun: Write) -> None:
    folder = crun("box")
    (folder / "status").write_text('{"pid": 7, "bun')
    found, problems = ContainerFinder([str(root)]).find()
    assert (found, len(problems)) == ([], 1)


def test_a_crun_container_that_is_only_half_there_is_none_yet(root: Path, crun: Write) -> None:
    folder = crun("box")
    (folder / "config.json").unlink()
    assert ContainerFinder([str(root)]).find() == ([], [])


def test_a_broken_file_is_read_again_once_it_is_whole(root: Path, runc: Write) -> None:
    finder = ContainerFinder([str(root)])
    runc("box", whole[:50])
    assert finder.find()[0] == []
    runc("box")
    assert [each.id for each in finder.find()[0]] == ["box"]


def test_one_that_vanishes_while_it_is_read(
    root: Path, runc: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    runc("a")
    runc("b")

    def read_and_remove(folder: Path) -> Any:
        if folder.name == "a":
            (folder / "state.json").unlink()
            folder.rmdir()
        return read_record(folder)

    monkeypatch.setattr(containers, "read_record", read_and_remove)
    found, problems = ContainerFinder([str(root)]).find()
    assert [each.id for each in found] == ["b"]
    assert problems == []


def test_one_that_may_not_be_read(unprivileged: Path) -> None:
    for name in ("open", "closed"):
        (unprivileged / name).mkdir()
        (unprivileged / name / "state.json").write_text(json.dumps(runc_state()))
    (unprivileged / "closed").chmod(0)
    found, problems = ContainerFinder([str(unprivileged)]).find()
    assert [each.id for each in found] == ["open"]
    assert problems == [
        f"not allowed to read {unprivileged}/closed; run exectop as its owner or as root"
    ]


def test_a_root_that_may_not_be_listed(unprivileged: Path) -> None:
    closed = unprivileged / "root"
    closed.mkdir(mode=0)
    assert ContainerFinder([str(closed)]).find() == (
        [],
        [f"cannot list the runtime root {closed}: Permission denied"],
    )


def test_a_file_is_read_again_only_when_it_changed(
    root: Path, runc: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []

    def count(folder: Path) -> Any:
        reads.append(folder.name)
        return read_record(folder)

    monkeypatch.setattr(containers, "read_record", count)
    finder = ContainerFinder([str(root)])
    folder = runc("box")
    runc("other")
    finder.find()
    finder.find()
    assert finder.refresh(str(root), "box") is not None
    assert sorted(reads) == ["box", "other"]
    # As runc does: a new file that takes the name of the old.
    fresh = folder / "state.json.new"
    fresh.write_text(json.dumps(runc_state(config={"labels": ["bundle=/moved"]})))
    fresh.rename(folder / "state.json")
    assert {each.bundle for each in finder.find()[0]} == {"/moved", "/bundles/box"}
    assert sorted(reads) == ["box", "box", "other"]


def test_refresh_and_record_tell_of_one_container(root: Path, runc: Write) -> None:
    folder = runc("box")
    finder = ContainerFinder([str(root)])
    found = finder.refresh(str(root), "box")
    assert found is not None
    assert found == only(root)
    record = finder.record(found)
    assert record is not None
    assert record.bundle == "/bundles/box"
    (folder / "state.json").unlink()
    folder.rmdir()
    assert finder.refresh(str(root), "box") is None
    assert finder.record(found) is None
    assert finder.refresh(str(root), "never") is None


def test_roots_of_an_ordinary_user(unprivileged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert default_roots() == ["/run/user/7/runc", "/run/user/7/crun"]
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    base = f"/run/user/{os.geteuid()}"
    assert default_roots() == [f"{base}/runc", f"{base}/crun"]


def test_roots_of_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.discovery.roots.os.geteuid", lambda: 0)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/0")
    assert default_roots() == ["/run/runc", "/run/crun"]
