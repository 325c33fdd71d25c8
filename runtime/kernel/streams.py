"""Whether anybody holds the other ends of a process's standard streams."""

from __future__ import annotations

import os
import select
import stat

from runtime.errors import AccessDeniedError
from runtime.kernel.borrowing import duplicate
from runtime.model import ProcessIdentity

# /dev/null, in the kernel's list of devices.
_NULL = os.makedev(1, 3)
_CLOSED = select.POLLHUP | select.POLLERR


def are_cut_off(process: ProcessIdentity) -> bool:
    """Whether all its standard streams lead to nobody: pipes, sockets, terminals (poll(2)).

    /dev/null and what it has closed do not count, a file does: somebody may look there. False also
    where none is left then, and where it may not be seen (it takes the right to trace the process).
    """
    found = [_leads_to_nobody(process, number) for number in range(3)]
    return True in found and False not in found


def _leads_to_nobody(process: ProcessIdentity, number: int) -> bool | None:
    """None where there is nothing at all."""
    try:
        descriptor = duplicate(process, number)
    except (AccessDeniedError, OSError):
        return False
    if descriptor is None:
        return None
    try:
        status = os.fstat(descriptor)
        if stat.S_ISCHR(status.st_mode) and status.st_rdev == _NULL:
            return None
        poll = select.poll()
        poll.register(descriptor, 0)  # what is wrong is told of without being asked for
        return any(events & _CLOSED for _, events in poll.poll(0))
    finally:
        os.close(descriptor)
