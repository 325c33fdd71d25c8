"""Which pids the kernel gives out next: one after the other, and then from the beginning again.

So the pid of a process that is gone can be narrowed down by those of its parent and its child, and
it can be told whether it was given to another since (kernel/pid.c, idr_alloc_cyclic).
"""

from __future__ import annotations

from pathlib import Path

from runtime.kernel.proc import PROC

# After the last pid the kernel goes on here (RESERVED_PIDS).
_FIRST = 300


class PidCounter:
    """One reading of the counter of our pid namespace."""

    def __init__(self, last: int, end: int) -> None:
        """`last` was given out last; `end` is one more than the highest pid there can be."""
        self._last = last
        self._end = end

    @classmethod
    def read(cls, path: Path = PROC) -> PidCounter:
        """As it is now: proc(5) loadavg and sys/kernel/pid_max. Raises OSError, ValueError."""
        last = int((path / "loadavg").read_text().split()[-1])
        return cls(last, int((path / "sys/kernel/pid_max").read_text()))

    def between(self, parent: int, child: int) -> range | list[int]:
        """The pids that were given out between these two."""
        if parent < child:
            return range(parent + 1, child)
        return [*range(parent + 1, self._end), *range(_FIRST, child)]

    def until(self, pid: int) -> int:
        """How many pids are given out before this one is given anew."""
        ahead = pid - self._last
        return ahead if ahead > 0 else ahead + self._end - _FIRST
