"""Using a descriptor that another process has open (pidfd_getfd(2), Linux 5.6)."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator

from runtime.kernel.pidfd import pidfd
from runtime.model import ProcessIdentity

_SYS_PIDFD_GETFD = 438

_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def borrowed(process: ProcessIdentity, number: int) -> Iterator[int | None]:
    """A duplicate of that descriptor of exactly this process, closed at the end.

    None where it is not open, the process is gone, or the kernel does not allow it: it takes the
    right to trace the process (ptrace(2), PTRACE_MODE_ATTACH_REALCREDS).
    """
    with pidfd(process) as owner:
        descriptor = -1 if owner is None else _libc.syscall(_SYS_PIDFD_GETFD, owner, number, 0)
    try:
        yield None if descriptor < 0 else descriptor
    finally:
        if descriptor >= 0:
            os.close(descriptor)
