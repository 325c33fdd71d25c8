"""Who is a session and who is not, on hosts that are made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.discovery import container_map, process_table
from runtime.discovery.sessions import Recorded, SessionFinder
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import (
    Certainty,
    ContainerInfo,
    ContainerState,
    ExecState,
    ProcessIdentity,
    SessionInfo,
)
from tests.unit.runtime.made_up_proc import OWN_MNT_NS, OWN_PID_NS, MadeUpProc

A, B, INNER = "pid:[100]", "pid:[200]", "pid:[101]"
MOUNTS_A, MOUNTS_B = "mnt:[100]", "mnt:[200]"
CONMON = ("/usr/bin/conmon", "-c", "a", "-u", "e" * 64, "-b", "/b/k/s", "-p", "/none", "-e")


def container(name: str, pid: int, **changes: Any) -> ContainerInfo:
    known: dict[str, Any] = {
        "id": name,
        "name": name,
        "engine": "podman",
        "runtime": "runc",
        "root": "/run/runc",
        "bundle": "/none",
        "state": ContainerState.RUNNING,
        "init": ProcessIdentity(pid=pid, start_time=pid),
    }
    return ContainerInfo(**(known | changes))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeUpProc:
    """A host with two containers, whose first processes are 100 and 200."""
    own = {"pid": OWN_PID_NS, "mnt": OWN_MNT_NS}
    monkeypatch.setattr(process_table, "own_namespace", own.get)
    around = {INNER: [A, OWN_PID_NS]}
    made = MadeUpProc(tmp_path / "proc")
    monkeypatch.setattr(
        container_map,
        "outer_pid_namespaces",
        lambda pid: around.get(str((made.folder / str(pid) / "ns/pid").readlink()), []),
    )
    made.add(1, 0, comm="init", words=["/sbin/init"])
    made.add(50, comm="conmon", words=["conmon", "-c", "a"])
    made.add(100, 50, pid_ns=A, mnt_ns=MOUNTS_A, inner=[1], words=["main"])
    made.add(200, 50, pid_ns=B, mnt_ns=MOUNTS_B, inner=[1], words=["main"])
    return made


Find = Callable[..., list[SessionInfo]]


@pytest.fixture
def finder(host: MadeUpProc) -> Iterator[SessionFinder]:
    with ProcFolder(host.folder) as proc:
        yield SessionFinder(proc)


@pytest.fixture
def find(finder: SessionFinder) -> Find:
    """A function that looks, and finds what is in these containers."""

    def look(*containers: ContainerInfo, recorded: Recorded | None = None) -> list[SessionInfo]:
        finder.look()
        known = containers or (container("a", 100), container("b", 200))
        return finder.find(known, recorded)

    return look


def pids(found: list[SessionInfo]) -> list[int]:
    return [each.pid for each in found]


def test_a_session_and_what_it_began(host: MadeUpProc, find: Find) -> None:
    host.add(300, comm="conmon", words=CONMON)
    host.add(301, 300, pid_ns=A, inner=[7], words=["sh", "-l"], session=301)
    host.add(302, 301, pid_ns=A, inner=[8], session=301)
    host.add(303, 302, pid_ns=A, inner=[9], session=303)
    host.add(110, 100, pid_ns=A, inner=[2], session=100)
    (session,) = find()
    assert (session.pid, session.start_time, session.command) == (301, 301, ["sh", "-l"])
    assert (session.origin, session.id, session.certainty) == ("podman", "e" * 64, "certain")
    assert (session.container_name, session.monitor_alive) == ("a", True)
    assert [(each.process.pid, each.rule) for each in session.tree] == [
        (301, "leader"),
        (302, "session"),
        (303, "parentage"),
    ]
    # 3 processes, each with 10 + 20 + 30 + 40 ticks of a hundredth of a second and 7 pages.
    assert session.usage.cpu == pytest.approx(3.0)
    assert session.usage.memory == 3 * 7 * 4096
    assert (session.owner, session.user) == (6, "6")


def test_containers_that_are_not_known_are_left_alone(host: MadeUpProc, find: Find) -> None:
    host.add(301, 50, pid_ns=B, inner=[7])
    host.add(401, 50, pid_ns="pid:[9]", inner=[7])
    assert find(container("a", 100)) == []
    assert pids(find()) == []  # a child of a conmon without -e is a container's first process


def test_the_first_process_of_a_container_that_is_about_to_be_known(
    host: MadeUpProc, find: Find
) -> None:
    """As in a pod: it is in another's pid namespace, and is listed a moment later."""
    host.add(210, 1, pid_ns=A, mnt_ns=MOUNTS_B, inner=[5], comm="runc:[2:INIT]")
    assert find(container("a", 100)) == []
    host.add(210, 1, pid_ns=A, mnt_ns=MOUNTS_B, inner=[5])
    host.add(211, 210, pid_ns=A, mnt_ns=MOUNTS_B, inner=[6])
    assert find(container("a", 100), container("b", 210)) == []
    host.add(300, comm="conmon", words=CONMON)
    host.add(301, 300, pid_ns=A, mnt_ns=MOUNTS_B, inner=[7])
    (session,) = find(container("a", 100), container("b", 210))
    assert (session.pid, session.container_name) == (301, "b")


def test_what_looked_like_a_session_and_is_a_first_process(host: MadeUpProc, find: Find) -> None:
    host.add(210, 1, pid_ns=A, mnt_ns=MOUNTS_B, inner=[5])
    host.add(211, 210, pid_ns=A, mnt_ns=MOUNTS_B, inner=[6])
    assert pids(find(container("a", 100))) == [210]
    assert find(container("a", 100), container("b", 210)) == []
    host.remove(210)
    # Its child lives on: in what was no session nobody can have left anything.
    assert find(container("a", 100)) == []


@pytest.mark.parametrize("mark", ["mount namespace", "cgroup", "first process"])
def test_a_shared_pid_namespace(host: MadeUpProc, find: Find, mark: str) -> None:
    host.add(200, 50, pid_ns=A, mnt_ns=MOUNTS_B, inner=[4])
    for pid, cgroup in ((100, "0::/a\n"), (200, "0::/b\n")):
        host.write(pid, "cgroup", cgroup)
    host.add(300, comm="conmon", words=CONMON)
    mounts = MOUNTS_B if mark == "mount namespace" else OWN_MNT_NS
    host.add(301, 300, pid_ns=A, mnt_ns=mounts, inner=[7])
    host.write(301, "cgroup", "0::/b\n" if mark == "cgroup" else "0::/c\n")
    (session,) = find()
    assert session.container_name == ("a" if mark == "first process" else "b")


def test_sessions_of_an_engine_inside_a_container_are_its_own(host: MadeUpProc, find: Find) -> None:
    host.add(120, 100, pid_ns=A, inner=[20], comm="conmon", words=CONMON)
    host.add(121, 120, pid_ns=INNER, inner=[21, 1])
    host.add(122, 120, pid_ns=INNER, inner=[22, 5])
    assert find() == []
    # One that came from the host is none of the container's own.
    host.add(123, 1, pid_ns=INNER, inner=[23, 6])
    host.add(124, 123, pid_ns=INNER, inner=[24, 7])
    (session,) = find()
    assert (session.pid, session.container_name, len(session.tree)) == (123, "a", 2)


def test_a_session_from_one_container_in_another(host: MadeUpProc, find: Find) -> None:
    host.add(130, 100, pid_ns=A, inner=[30], comm="nsenter", words=["nsenter", "-t", "9"])
    host.add(131, 130, pid_ns=B, inner=[31], session=130)
    (session,) = find()
    assert (session.pid, session.container_name, session.origin) == (131, "b", "nsenter")


def test_a_pid_that_was_given_anew_is_another_session(host: MadeUpProc, find: Find) -> None:
    host.add(300, comm="conmon", words=CONMON)
    host.add(301, 300, pid_ns=A, inner=[7], words=["first"])
    assert find()[0].command == ["first"]
    host.add(300, comm="conmon", words=["conmon", "-u", "f" * 64, "--exec"])
    host.add(301, 300, pid_ns=A, inner=[7], words=["second"], start=900)
    (session,) = find()
    assert (session.command, session.start_time, session.id) == (["second"], 900, "f" * 64)


def test_a_zombie_is_a_session_while_its_monitor_sleeps(host: MadeUpProc, find: Find) -> None:
    host.add(300, comm="conmon", words=CONMON)
    host.add(301, 300, pid_ns=A, inner=[7])
    find()
    host.add(301, 300, pid_ns=A, inner=[7], state="Z", words=[])
    (session,) = find()
    assert (session.state, session.command) == (ExecState.STOPPED, ["sleep"])
    assert not session.actions.stop.possible
    host.add(301, 1, pid_ns=A, inner=[7], state="Z", words=[])
    assert find() == []


def test_ids_that_are_not_one_session_s_alone(host: MadeUpProc, find: Find) -> None:
    for monitor in (300, 310):
        host.add(monitor, comm="conmon", words=CONMON)
        host.add(monitor + 1, monitor, pid_ns=A, inner=[7])
    assert [each.id for each in find()] == ["e" * 64, "podman-311-311"]


def test_recorded_sessions_are_listed_once(host: MadeUpProc, find: Find) -> None:
    host.add(300, comm="conmon", words=CONMON)
    host.add(301, 300, pid_ns=A, inner=[7])
    host.add(302, 301, pid_ns=A, inner=[8])
    own = find()[0]
    ours = SessionInfo(
        id="ours",
        container_id="a",
        container_key=own.container_key,
        container_name="a",
        origin="exectop",
        state=ExecState.RUNNING,
        pid=301,
        start_time=301,
        command=["sh"],
        tty=False,
        user="",
        created=1.0,
    )
    (session,) = find(recorded=Recorded([ours]))
    assert (session.id, len(session.tree)) == ("ours", 2)
    assert session.actions.attach.possible
    # One whose process is not noted yet, and one whose bundle is ours though it has no record.
    starting = Recorded([_without_process(ours, "e" * 64)])
    assert [each.id for each in find(recorded=starting)] == ["e" * 64]
    assert find(recorded=Recorded([], bundles="/b")) == []


def _without_process(session: SessionInfo, session_id: str) -> SessionInfo:
    return msgspec.structs.replace(
        session, id=session_id, pid=0, start_time=0, state=ExecState.CREATED
    )


def test_what_a_session_left_is_known_by_what_was_seen(host: MadeUpProc, find: Find) -> None:
    host.add(300, comm="conmon", words=CONMON)
    host.add(301, 300, pid_ns=A, inner=[7])
    host.add(302, 301, pid_ns=A, inner=[8], session=302)
    find()
    host.remove(301)
    # Born after its leader was gone, but in its kernel session.
    host.add(303, 100, pid_ns=A, inner=[9], session=301)
    (orphan,) = find()
    assert (orphan.origin, orphan.left_by, orphan.certainty) == ("orphan", "e" * 64, "certain")
    assert {each.process.pid for each in orphan.tree} == {302, 303}
    assert orphan.certainty is Certainty.CERTAIN
    for pid in (302, 303):
        host.remove(pid)
    assert find() == []
