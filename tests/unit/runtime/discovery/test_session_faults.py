"""Processes that vanish, and files that must not be read, at every single read of a look."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery import container_map, process_table
from runtime.discovery.inspection import Inspector, inspect_foreign
from runtime.discovery.sessions import SessionFinder
from runtime.errors import StateError
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, ContainerState, ProcessIdentity, SessionInfo
from tests.unit.runtime.made_up_proc import OWN_MNT_NS, OWN_PID_NS, MadeUpProc

A, HOST_MOUNTS = "pid:[100]", "mnt:[300]"
READS = ("link", "read", "names", "status", "file", "link_mode", "inode", "unix_sockets")
NOTHING: dict[str, Any] = {"names": [], "unix_sockets": b""}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeUpProc:
    """Two containers, one of them in the host's pid namespace, with a bit of everything."""
    own = {"pid": OWN_PID_NS, "mnt": OWN_MNT_NS}
    monkeypatch.setattr(process_table, "own_namespace", own.get)
    monkeypatch.setattr(container_map, "outer_pid_namespaces", lambda _pid: [])
    made = MadeUpProc(tmp_path / "proc")
    made.add(1, 0, comm="init")
    made.add(50, comm="conmon", words=["conmon"])
    made.add(100, 50, pid_ns=A, mnt_ns="mnt:[100]", inner=[1])
    made.add(110, 100, pid_ns=A, inner=[2], session=100)
    made.add(111, 100, pid_ns=A, inner=[3], session=99)
    made.add(200, 1, mnt_ns=HOST_MOUNTS)
    made.add(210, 200, mnt_ns=HOST_MOUNTS)
    made.add(220, 1, mnt_ns=HOST_MOUNTS)
    made.add(300, comm="conmon", words=["conmon", "-u", "e" * 64, "-b", "/b/k/s", "-e"])
    made.add(301, 300, pid_ns=A, inner=[7], tty=34816)
    made.add(302, 301, pid_ns=A, inner=[8])
    made.add(310, comm="containerd-shim", words=["containerd-shim-runc-v2", "-namespace", "moby"])
    made.add(311, 310, pid_ns=A, inner=[9])
    made.add(320, comm="runc", words=["runc", "exec", "a", "sh"])
    made.add(321, 320, pid_ns=A, inner=[10], comm="runc")
    made.add(330, comm="nsenter", words=["nsenter", "-a"])
    made.add(331, 330, pid_ns=A, inner=[11], session=330)
    made.add(340, 1, pid_ns=A, inner=[12])
    made.add(350, comm="sh", words=["docker", "exec", "a", "sleep", "9"])
    for pid in (100, 111, 301):
        made.link(pid, "fd/0", "/dev/null")
        made.link(pid, "fd/1", f"pipe:[{pid}]")
        made.link(pid, "exe", "/bin/true")
        made.write(pid, "io", "read_bytes: 1\nwrite_bytes: 2\n")
        made.write(pid, "sessionid", str(pid))
        made.write(pid, "environ", "SSH_CONNECTION=1 2 3 4\0")
    return made


CONTAINERS = [
    ContainerInfo(
        id=name,
        name=name,
        engine="podman",
        runtime="runc",
        root="/run/runc",
        bundle="/none",
        state=ContainerState.RUNNING,
        init=ProcessIdentity(pid=pid, start_time=pid),
    )
    for name, pid in (("a", 100), ("b", 200))
]


class Faults:
    """Lets one read of all fail, and counts them."""

    def __init__(self, proc: ProcFolder, host: MadeUpProc, monkeypatch: pytest.MonkeyPatch) -> None:
        self._host = host
        self.made = 0
        self.at: int | None = None
        self.then: Callable[[], object] = lambda: None
        for name in READS:
            monkeypatch.setattr(proc, name, self._wrapped(name, getattr(proc, name)))

    def _wrapped(self, name: str, read: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*words: Any) -> Any:
            self.made += 1
            if self.made == self.at:
                self.then()
                if words[-1:] in (("ns/pid",), ("ns/mnt",)):
                    self._host.leaves(words[0])  # of others than our own, only these have none
                return NOTHING.get(name)
            return read(*words)

        return faulty


@pytest.fixture
def proc(host: MadeUpProc) -> Iterator[ProcFolder]:
    with ProcFolder(host.folder) as made:
        yield made


@pytest.fixture
def faults(proc: ProcFolder, host: MadeUpProc, monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(proc, host, monkeypatch)


def look_twice(proc: ProcFolder) -> list[SessionInfo]:
    finder = SessionFinder(proc)
    for _ in range(2):
        finder.look()
        found = finder.find(CONTAINERS)
    return found


def test_what_there_is_to_find(proc: ProcFolder) -> None:
    found = {each.pid: each.origin for each in look_twice(proc)}
    orphan = {111: "orphan"}  # a pipe that nobody else holds, and an audit session of its own
    sessions = {301: "podman", 311: "docker", 321: "runc", 331: "nsenter", 340: "nsenter"}
    assert found == sessions | orphan


def test_a_read_that_fails_is_no_error_and_nothing_is_listed_twice(
    host: MadeUpProc, proc: ProcFolder, faults: Faults
) -> None:
    usual = {each.pid for each in look_twice(proc)}
    total, faults.made = faults.made, 0
    assert total > 100
    for number in range(1, total + 1):
        faults.made, faults.at = 0, number
        found = look_twice(proc)
        host.stay()
        assert max(Counter(each.pid for each in found).values()) == 1, number
        assert max(Counter(each.id for each in found).values()) == 1, number
        processes = Counter(p.process.pid for each in found for p in each.tree)
        assert max(processes.values()) == 1, (number, processes)
        # What was not seen for once may be missing, or be taken for less; it is not made up.
        assert {each.pid for each in found} <= usual, number


def test_an_inspection_tells_what_it_can(proc: ProcFolder, faults: Faults) -> None:
    (session,) = (each for each in look_twice(proc) if each.pid == 301)
    inspect = Inspector(proc).with_facts
    faults.made = 0
    told = inspect(inspect_foreign(session), session)
    assert (told.usage.read, told.usage.written, told.usage.open_files) == (1, 2, 2)
    assert (told.user_inside, told.user_outside) == ("6", 6)
    total = faults.made
    for number in range(1, total + 1):
        faults.made, faults.at = 0, number
        told = Inspector(proc).with_facts(inspect_foreign(session), session)
        assert (told.id, told.origin, told.processes) == (session.id, "podman", session.tree)


@pytest.mark.parametrize("pid", [100, 111, 200, 300, 301, 310, 320, 321, 330, 331, 340])
def test_a_process_that_vanishes_meanwhile(
    host: MadeUpProc, proc: ProcFolder, faults: Faults, pid: int
) -> None:
    look_twice(proc)
    total = faults.made
    for number in range(1, total + 1, 11):
        faults.made, faults.at = 0, number
        faults.then = lambda: host.remove(pid)
        look_twice(proc)
        faults.at = None
        assert pid not in {each.pid for each in look_twice(proc)}
        host.back(pid)


@pytest.mark.parametrize("number", [errno.EACCES, errno.ESRCH])
def test_a_host_that_shows_nothing(
    proc: ProcFolder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    for name in READS:
        monkeypatch.setattr(proc, name, lambda *_, name=name: NOTHING.get(name))
    assert look_twice(proc) == []


def test_where_nothing_can_be_opened_there_is_an_error(
    proc: ProcFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise OSError(errno.EMFILE, "too many")

    finder = SessionFinder(proc)
    finder.look()
    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(StateError, match="cannot look at the processes"):
        finder.find(CONTAINERS)
