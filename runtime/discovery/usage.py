"""What a session's processes use, and since when nothing happened on its terminal."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from typing import TypeVar

from runtime.kernel.proc import ProcessStat
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import SessionUsage

N = TypeVar("N", int, float)

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Unix98 pseudo-terminal slaves, Documentation/admin-guide/devices.txt.
_PTS_MAJORS = range(136, 144)


def stat_and_usage(proc: ProcFolder, pid: int) -> tuple[ProcessStat, SessionUsage] | None:
    """What /proc/PID/stat says, with the process's time and memory; None when it is gone.

    The time is its own and that of its children which it waited for: so the times of a tree's
    processes add up to the tree's.
    """
    stat = proc.stat(pid)
    if stat is None:
        return None
    return stat, SessionUsage(cpu=stat.ticks / _TICKS, memory=max(0, stat.rss) * _PAGE)


def added(usages: Iterable[SessionUsage]) -> SessionUsage:
    """The usage of several processes; what is known of none of them is None."""
    known = list(usages)
    if len(known) == 1:
        return known[0]
    return SessionUsage(
        cpu=_sum(each.cpu for each in known),
        memory=_sum(each.memory for each in known),
        read=_sum(each.read for each in known),
        written=_sum(each.written for each in known),
        open_files=_sum(each.open_files for each in known),
    )


def costly_usage(proc: ProcFolder, pid: int) -> SessionUsage:
    """Storage read and written, and open files; None where another user's are not told."""
    text = (proc.read(pid, "io") or b"").decode()
    counts = dict(line.split(": ") for line in text.splitlines())
    readable = proc.link_mode(pid, "fd") is not None
    return SessionUsage(
        read=int(counts["read_bytes"]) if counts else None,
        written=int(counts["write_bytes"]) if counts else None,
        open_files=len(proc.names(pid, "fd")) if readable else None,
    )


def idle_time(proc: ProcFolder, pid: int, now: float) -> float | None:
    """Seconds since something was read from the process's terminal or written to it.

    A terminal's times are those of its file, which the kernel sets in steps of eight seconds
    (tty_update_time in drivers/tty/tty_io.c). None where no standard stream is a terminal.
    """
    for number in range(3):
        facts = proc.file(pid, f"fd/{number}")
        if facts and stat.S_ISCHR(facts.mode) and facts.special[0] in _PTS_MAJORS:
            return max(0.0, now - max(facts.accessed, facts.modified))
    return None


def _sum(values: Iterable[N | None]) -> N | None:
    known = [each for each in values if each is not None]
    return sum(known[1:], known[0]) if known else None
