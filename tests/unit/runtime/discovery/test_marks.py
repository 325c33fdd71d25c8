"""Marks of what came from outside, each alone."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.discovery import process_table
from runtime.discovery.inhabitants import Inhabitants
from runtime.discovery.marks import Marks
from runtime.discovery.process_table import ProcessTable
from runtime.kernel.proc_folder import ProcFolder
from runtime.kernel.statx import file_facts
from runtime.model import Certainty, ContainerInfo, ContainerState, ProcessIdentity
from tests.unit.runtime.made_up_proc import OWN_MNT_NS, OWN_PID_NS, MadeUpProc

A = "pid:[100]"
INIT, ORPHAN, OTHER = 100, 101, 102
READ, WRITE = 0o500, 0o300


class Host:
    """A container with three processes; `marked` tells whether the second one bears a mark."""

    def __init__(self, proc: MadeUpProc, folder: ProcFolder, patch: pytest.MonkeyPatch) -> None:
        self.proc = proc
        self.modes: dict[str, int] = {}
        patch.setattr(folder, "link_mode", lambda pid, name: self.modes.get(f"{pid}/{name}"))
        self._folder = folder
        proc.add(INIT, 1, pid_ns=A, inner=[1])
        proc.add(ORPHAN, INIT, pid_ns=A, inner=[2])
        proc.add(OTHER, INIT, pid_ns=A, inner=[3], session=INIT)

    def open(self, pid: int, number: int, target: str, mode: int = READ | WRITE) -> None:
        """The process has a file open."""
        self.proc.link(pid, f"fd/{number}", target)
        self.modes[f"{pid}/fd/{number}"] = mode

    def marked(self) -> Certainty | None:
        table = ProcessTable(self._folder)
        table.look()
        inhabitants = Inhabitants(table)
        inhabitants.update([CONTAINER])
        orphan = inhabitants.get(ORPHAN)
        assert orphan is not None
        assert inhabitants.adopted == {ORPHAN: orphan}
        return Marks(self._folder, inhabitants).of(orphan)


CONTAINER = ContainerInfo(
    id="a",
    name="a",
    engine="runc",
    runtime="runc",
    root="/r",
    bundle="/b",
    state=ContainerState.RUNNING,
    init=ProcessIdentity(pid=INIT, start_time=INIT),
)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    own = {"pid": OWN_PID_NS, "mnt": OWN_MNT_NS}
    monkeypatch.setattr(process_table, "own_namespace", own.get)
    made = MadeUpProc(tmp_path / "proc")
    with ProcFolder(made.folder) as folder:
        yield Host(made, folder, monkeypatch)


def test_nothing_is_no_mark(host: Host) -> None:
    assert host.marked() is None


@pytest.mark.parametrize(
    ("of_init", "own", "mark"),
    [("1\t1", "55\t0", Certainty.CERTAIN), ("9\t0", "9\t0", None), ("1\t1", "101\t2", None)],
)
def test_a_kernel_session_of_outside(
    host: Host, of_init: str, own: str, mark: Certainty | None
) -> None:
    host.proc.write(INIT, "status", f"NSpid:\t{INIT}\t1\nNSsid:\t{of_init}\n")
    host.proc.write(ORPHAN, "status", f"NSpid:\t{ORPHAN}\t2\nNSsid:\t{own}\n")
    assert host.marked() is mark


@pytest.mark.parametrize(("own", "mark"), [("7", Certainty.LIKELY), ("4294967295", None)])
def test_an_audit_session_of_its_own(host: Host, own: str, mark: Certainty | None) -> None:
    host.proc.write(INIT, "sessionid", "4294967295")
    host.proc.write(ORPHAN, "sessionid", own)
    assert host.marked() is mark


NULL = file_facts("/dev/null").device
MOUNTS = "36 35 {}:{} / {} rw - devtmpfs devtmpfs rw\n"


@pytest.mark.parametrize(
    ("mounts", "mark"),
    [
        ("", Certainty.LIKELY),
        (MOUNTS.format(0, 4242, "/dev"), Certainty.LIKELY),
        (MOUNTS.format(*NULL, "/elsewhere"), Certainty.LIKELY),
        (MOUNTS.format(*NULL, "/dev"), None),
        (MOUNTS.format(*NULL, "/dev/null"), None),
    ],
)
def test_the_host_s_null_device(host: Host, mounts: str, mark: Certainty | None) -> None:
    host.proc.write(INIT, "mountinfo", mounts)
    host.open(ORPHAN, 2, "/dev/null")
    assert host.marked() is mark


def test_what_the_first_process_has_too_is_no_mark(host: Host) -> None:
    host.open(INIT, 0, "/dev/null")
    host.open(ORPHAN, 2, "/dev/null")
    host.open(INIT, 1, "pipe:[5]", WRITE)
    host.open(ORPHAN, 1, "pipe:[5]", WRITE)
    assert host.marked() is None


@pytest.mark.parametrize(
    ("other", "mark"), [(READ, None), (WRITE, Certainty.LIKELY), (READ | WRITE, None)]
)
def test_a_pipe_whose_other_end_is_inside_is_no_mark(
    host: Host, other: int, mark: Certainty | None
) -> None:
    host.open(ORPHAN, 1, "pipe:[5]", WRITE)
    host.open(OTHER, 33, "pipe:[5]", other)
    assert host.marked() is mark


def test_a_pipe_that_is_read_from(host: Host) -> None:
    host.open(ORPHAN, 0, "pipe:[5]", READ)
    assert host.marked() is Certainty.LIKELY
    host.open(OTHER, 9, "pipe:[5]", WRITE)
    assert host.marked() is None


def test_a_terminal_is_a_mark_where_nobody_inside_makes_terminals(host: Host) -> None:
    master, slave = pty.openpty()
    try:
        host.open(ORPHAN, 0, os.ttyname(slave))
        assert host.marked() is Certainty.LIKELY
        host.open(OTHER, 7, "/dev/pts/ptmx")
        assert host.marked() is None
    finally:
        os.close(slave)
        os.close(master)


def test_other_files_say_nothing(host: Host, tmp_path: Path) -> None:
    host.open(ORPHAN, 0, "/dev/zero")
    host.open(ORPHAN, 1, str(tmp_path))
    host.open(ORPHAN, 2, "socket:[5]")
    assert host.marked() is None


@pytest.mark.parametrize("too_many", ["processes", "files"])
def test_where_there_is_too_much_to_tell_a_pipe_is_no_mark(host: Host, too_many: str) -> None:
    host.open(ORPHAN, 1, "pipe:[5]", WRITE)
    for number in range(501):
        if too_many == "processes":
            host.proc.add(1000 + number, INIT, pid_ns=A, inner=[9], session=INIT)
        else:
            host.open(OTHER, 1000 + number, "socket:[7]")
    assert host.marked() is None
