"""Which processes are others than they were, told by the kernel: no look through all of them.

What is told is collected by the kernel and read when somebody looks: nobody is woken by it.
"""

from __future__ import annotations

import time

from runtime.kernel.proc_folder import ProcFolder
from runtime.kernel.process_events import ProcessEvents

# After so many seconds all processes are looked through nevertheless: nothing that was missed,
# for whatever reason, is missed for longer.
_WHOLE = 10.0


class ProcessChanges:
    """Collects what changes from `open` on."""

    def __init__(self, proc: ProcFolder) -> None:
        """Nothing is opened yet."""
        self._proc = proc
        self._events: ProcessEvents | None = None
        self._next_whole = 0.0

    def open(self) -> None:
        """Begin to collect. Raises AccessDeniedError where the kernel tells us nothing."""
        self._events = ProcessEvents(lives=True)
        self._next_whole = 0.0

    def take(self) -> set[int] | None:
        """Pids of the processes that came, went or ran another program since the last call.

        None where it may be any: before `open` and right after it, where some news were lost, and
        now and then. An ended process that nobody has waited for is told of each time until it
        is gone.
        """
        if self._events is None:
            return None
        told, ended, now = self._events.read(), set(self._events.ended), time.monotonic()
        self._events.ended = {pid for pid in ended if self._proc.inode(pid) is not None}
        if told is None or now >= self._next_whole:
            self._next_whole = now + _WHOLE
            return None
        return told | ended

    def close(self) -> None:
        """Collect no more."""
        if self._events is not None:
            self._events.close()
            self._events = None
