"""Whether processes still run, asked of many at once and again and again.

A pidfd is kept for each and all are looked at with one call (pidfd_open(2): it is readable once
the process has ended, a zombie's, too); reading /proc costs some fifty times as much.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
from collections.abc import Collection

from runtime.kernel.pidfd import open_pidfd
from runtime.kernel.proc import is_alive
from runtime.model import ProcessIdentity

# The share of the descriptors a program may have that is taken for this.
_SHARE = 8


class LifeWatch:
    """Tells which of a changing set of processes live."""

    def __init__(self) -> None:
        self._descriptors: dict[ProcessIdentity, int] = {}
        self._by_descriptor: dict[int, ProcessIdentity] = {}
        self._poll = select.poll()
        self._ended: set[ProcessIdentity] = set()

    def living(self, processes: Collection[ProcessIdentity]) -> set[ProcessIdentity]:
        """Those of these that have not ended; the others are watched no longer."""
        wanted = set(processes)
        self._ended &= wanted
        for process in self._descriptors.keys() - wanted:
            self._drop(process)
        unwatched = {
            each
            for each in wanted - self._descriptors.keys() - self._ended
            if not self._watch(each)
        }
        for descriptor, _ in self._poll.poll(0):
            self._ended.add(self._by_descriptor[descriptor])
            self._drop(self._by_descriptor[descriptor])
        self._ended |= {each for each in unwatched if not is_alive(each)}
        return wanted - self._ended

    def _watch(self, process: ProcessIdentity) -> bool:
        """Keep a pidfd for it; False where it has ended or there is no room."""
        if len(self._descriptors) >= resource.getrlimit(resource.RLIMIT_NOFILE)[0] // _SHARE:
            return False
        descriptor = None
        with contextlib.suppress(OSError):  # no room left, or a kernel without pidfds
            descriptor = open_pidfd(process)
        if descriptor is None:
            return False
        self._descriptors[process] = descriptor
        self._by_descriptor[descriptor] = process
        self._poll.register(descriptor, select.POLLIN)
        return True

    def _drop(self, process: ProcessIdentity) -> None:
        descriptor = self._descriptors.pop(process)
        del self._by_descriptor[descriptor]
        self._poll.unregister(descriptor)
        os.close(descriptor)

    def close(self) -> None:
        """Watch nothing."""
        self.living(())
