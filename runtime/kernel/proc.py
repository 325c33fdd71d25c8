"""Facts about processes, read from /proc.

A process is a `ProcessIdentity`: its pid and its start time in clock ticks since boot
(proc(5), /proc/PID/stat field 22). Two reads of a pid that give different start times are two
processes.
"""

from __future__ import annotations

import functools
import os
import time
from pathlib import Path

import msgspec

from runtime.kernel.beneath import read_file
from runtime.model import ProcessIdentity

PROC = Path("/proc")
_LONGEST_PID = 16
# In bytes: some fifty numbers of at most twenty digits, and a name.
_LONGEST_STAT = 4096


class ProcessStat(msgspec.Struct, frozen=True):
    """The fields of /proc/PID/stat that are used here, under proc(5)'s names.

    `ticks` is the time it ran, with that of its children which it waited for, in clock ticks;
    `rss` its resident memory, in pages.
    """

    pid: int
    comm: str
    state: str
    ppid: int
    pgrp: int
    session: int
    tty_nr: int
    start_time: int
    ticks: int = 0
    rss: int = 0

    @property
    def identity(self) -> ProcessIdentity:
        """Who this is."""
        return ProcessIdentity(pid=self.pid, start_time=self.start_time)

    @property
    def ended(self) -> bool:
        """Whether it is a zombie (Z) or being removed (X): it runs nothing any more."""
        return self.state in "ZXx"


def parse_stat(text: bytes) -> ProcessStat:
    """Parse one line of /proc/PID/stat; the command name may hold spaces and brackets."""
    opening, closing = text.index(b"("), text.rindex(b")")
    fields = text[closing + 2 :].split()
    return ProcessStat(
        pid=int(text[:opening]),
        comm=text[opening + 1 : closing].decode(errors="replace"),
        state=fields[0].decode(),
        ppid=int(fields[1]),
        pgrp=int(fields[2]),
        session=int(fields[3]),
        tty_nr=int(fields[4]),
        start_time=int(fields[19]),
        ticks=int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14]),
        rss=int(fields[21]),
    )


def read_stat(pid: int) -> ProcessStat | None:
    """What /proc says of `pid`, None when there is no such process."""
    if pid <= 0:
        return None
    try:
        descriptor = os.open(f"{PROC}/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, ProcessLookupError):
        return None
    try:
        return parse_stat(os.read(descriptor, _LONGEST_STAT))
    except ProcessLookupError:
        return None
    finally:
        os.close(descriptor)


def identify(pid: int) -> ProcessIdentity | None:
    """The identity of the process that has this pid now, None when there is none."""
    stat = read_stat(pid)
    return stat.identity if stat else None


def identify_noted(file: Path) -> ProcessIdentity | None:
    """The process whose pid is noted in `file`, as it is now; None when there is none.

    A noted pid proves nothing by itself: it may have been given to another process since.
    """
    try:
        text = read_file(file, _LONGEST_PID).strip()
    except OSError:
        return None
    return identify(int(text)) if text.isdigit() else None


def is_alive(process: ProcessIdentity | None) -> bool:
    """Whether exactly this process still runs; a zombie, or another with its pid, does not."""
    if process is None:
        return False
    stat = read_stat(process.pid)
    return stat is not None and stat.start_time == process.start_time and not stat.ended


def all_stats() -> list[ProcessStat]:
    """Every process of the host at about this moment; those that vanish meanwhile are left out."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (stat := read_stat(int(entry.name))):
            found.append(stat)
    return found


@functools.cache
def boot_id() -> str:
    """The kernel's random id of this boot (random(4)): pids of another boot mean nothing."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def started_at(process: ProcessIdentity) -> float:
    """When the process started, in seconds since the epoch, by the clock as it is set now."""
    now = time.clock_gettime(time.CLOCK_REALTIME)
    uptime = time.clock_gettime(time.CLOCK_BOOTTIME)
    return now - uptime + process.start_time / os.sysconf("SC_CLK_TCK")
