"""Which processes are elsewhere: real ones, and pids that were given anew."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.discovery import process_table
from runtime.discovery.process_table import ProcessTable
from runtime.kernel.proc_folder import ProcFolder
from tests.unit.runtime.made_up_proc import OWN_MNT_NS, OWN_PID_NS, MadeUpProc

THERE = "pid:[2]"
MOUNTS = "mnt:[2]"


@pytest.fixture
def host(tmp_path: Path) -> MadeUpProc:
    return MadeUpProc(tmp_path / "proc")


@pytest.fixture
def table(host: MadeUpProc, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessTable]:
    """A table of the made-up host; counts the links that are read."""
    own = {"pid": OWN_PID_NS, "mnt": OWN_MNT_NS}
    monkeypatch.setattr(process_table, "own_namespace", own.get)
    monkeypatch.setattr(process_table, "_PACE", 0.0)
    with ProcFolder(host.folder) as proc:
        yield ProcessTable(proc)


@pytest.fixture
def reads(table: ProcessTable, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The links that were read since."""
    found: list[str] = []
    link = table.proc.link

    def counted(pid: int, name: str) -> str | None:
        found.append(f"{pid}/{name}")
        return link(pid, name)

    monkeypatch.setattr(table.proc, "link", counted)
    return found


def places(table: ProcessTable) -> dict[int, tuple[str, str]]:
    return {pid: (each.pid_ns, each.mnt_ns) for pid, each in table.elsewhere.items()}


def test_who_is_elsewhere(host: MadeUpProc, table: ProcessTable) -> None:
    host.add(10)
    host.add(20, pid_ns=THERE, mnt_ns=MOUNTS)
    host.add(30, mnt_ns=MOUNTS)
    table.look()
    # In another pid namespace the mount namespace does not matter, and is not read.
    assert places(table) == {20: (THERE, ""), 30: (OWN_PID_NS, MOUNTS)}
    assert sorted(table.pids()) == [10, 20, 30]
    assert table.take_changes() == {10, 20, 30}


def test_what_is_known_is_not_read_again(
    host: MadeUpProc, table: ProcessTable, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for pid in range(1000, 3000):
        host.add(pid, pid_ns=THERE if pid % 2 else OWN_PID_NS)
    table.look()
    grow_old(monkeypatch)
    table.look()
    reads.clear()
    table.look()
    assert 0 < len(reads) <= 2000 // 16
    host.add(5000, pid_ns=THERE)
    reads.clear()
    table.take_changes()
    table.look()
    assert "5000/ns/pid" in reads
    assert table.take_changes() == {5000}


def test_old_ones_take_turns_in_time_however_often_one_looks(
    host: MadeUpProc, table: ProcessTable, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host.add(10)
    table.look()
    grow_old(monkeypatch)
    reads.clear()
    table.look()
    assert reads == ["10/ns/mnt"]
    monkeypatch.setattr(process_table, "_PACE", 1000.0)
    table.look()
    table.look_again()
    assert reads == ["10/ns/mnt"]


def grow_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on all that was seen before is old."""
    monkeypatch.setattr(process_table, "_YOUTH", -1.0)


def test_who_went_is_forgotten(host: MadeUpProc, table: ProcessTable) -> None:
    host.add(20, pid_ns=THERE)
    table.look()
    table.take_changes()
    host.remove(20)
    table.look()
    assert (places(table), table.inode(20)) == ({}, None)
    assert table.take_changes() == {20}


@pytest.mark.parametrize("by_events", [False, True])
def test_a_pid_that_was_given_anew_is_another_process(
    host: MadeUpProc, table: ProcessTable, by_events: bool
) -> None:
    host.add(20, pid_ns=THERE)
    host.add(30)
    table.look()
    before = table.elsewhere[20], table.inode(20), table.inode(30)
    table.take_changes()
    host.add(20, pid_ns=THERE)
    host.add(30, mnt_ns=MOUNTS)
    if by_events:
        table.changed([20, 30])
    else:
        table.look()
    assert table.elsewhere[20] is not before[0]
    assert before[1:] != (table.inode(20), table.inode(30))
    assert places(table)[30] == (OWN_PID_NS, MOUNTS)
    assert table.take_changes() == {20, 30}


@pytest.mark.parametrize("age", [3.0, -1.0])
def test_a_process_that_enters_later_is_noticed(
    host: MadeUpProc, table: ProcessTable, age: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_table, "_YOUTH", age)
    for pid in range(10, 400):
        host.add(pid)
    table.look()
    table.take_changes()
    host.enter(399, mnt_ns=MOUNTS)
    for _ in range(20):
        table.look()
    assert places(table) == {399: (OWN_PID_NS, MOUNTS)}
    assert table.take_changes() == {399}
    host.enter(399, mnt_ns=OWN_MNT_NS)
    for _ in range(20):
        table.look()
    assert places(table) == {}
    assert table.take_changes() == {399}


def test_events_tell_of_all_changes(host: MadeUpProc, table: ProcessTable) -> None:
    host.add(10)
    host.add(20, pid_ns=THERE)
    table.look()
    table.take_changes()
    host.enter(10, mnt_ns=MOUNTS)
    host.remove(20)
    host.add(30, pid_ns=THERE)
    table.changed([10, 20, 30, 40])
    assert places(table) == {10: (OWN_PID_NS, MOUNTS), 30: (THERE, "")}
    assert table.take_changes() == {10, 20, 30}
    # It runs another program: whoever looks at its name wants to know, though it stays in place.
    table.changed([30])
    assert table.take_changes() == {30}


def test_what_could_not_be_read_is_looked_at_again(host: MadeUpProc, table: ProcessTable) -> None:
    host.add(20)
    (host.folder / "20/ns/pid").unlink()  # as for a zombie, or another user's
    table.look()
    assert places(table) == {}
    host.enter(20, pid_ns=THERE)
    table.look()
    assert places(table) == {20: (THERE, "")}


def test_turns_do_not_pile_up(
    host: MadeUpProc, table: ProcessTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow_old(monkeypatch)
    for pid in range(10, 110):
        host.add(pid)
        table.changed([pid])
        host.remove(pid)
        table.changed([pid])
        table.look_again()
    host.add(7)
    for _ in range(3):
        table.changed([7])
        table.look()
    assert len(table._turns) < 100


def test_real_processes(require_program: Callable[[str], str], require_root: None) -> None:
    words = [require_program("unshare"), "--pid", "--mount", "--fork", "--kill-child"]
    child = subprocess.Popen(
        [*words, "sh", "-c", "echo started; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    with ProcFolder() as proc:
        table = ProcessTable(proc)
        table.look()
        (inner,) = (
            pid
            for pid, each in table.elsewhere.items()
            if each.pid_ns != table.own_pid_ns and _parent(proc, pid) == child.pid
        )
        # unshare itself is in the new mount namespace only.
        assert table.elsewhere[child.pid].mnt_ns == proc.link(inner, "ns/mnt")
        child.communicate("\n")
        table.look()
        assert {inner, child.pid}.isdisjoint(table.pids())


def _parent(proc: ProcFolder, pid: int) -> int:
    stat = proc.stat(pid)
    return stat.ppid if stat else 0
