"""Using a descriptor that another process has open (pidfd_getfd(2), Linux 5.6)."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Iterator

from runtime.errors import AccessDeniedError
from runtime.kernel.pidfd import pidfd
from runtime.model import ProcessIdentity

_SYS_PIDFD_GETFD = 438
# The process is gone, or it has closed the descriptor.
_GONE = (errno.ESRCH, errno.EBADF)
_REFUSED = (errno.EPERM, errno.ENOSYS)

_libc = ctypes.CDLL(None, use_errno=True)


def duplicate(process: ProcessIdentity, number: int) -> int | None:
    """A duplicate of that descriptor of exactly this process, for the caller to close.

    None where it is not open, or the process is gone. Raises AccessDeniedError where the kernel
    does not allow it: it takes the right to trace the process (ptrace(2),
    PTRACE_MODE_ATTACH_REALCREDS). Both share one open file description: what is set there, like
    O_NONBLOCK, is set for the other process, too.
    """
    with pidfd(process) as owner:
        if owner is None:
            return None
        descriptor: int = _libc.syscall(_SYS_PIDFD_GETFD, owner, number, 0)
        if descriptor >= 0:
            return descriptor
        failure = ctypes.get_errno()
    if failure in _GONE:
        return None
    if failure not in _REFUSED:
        raise OSError(failure, os.strerror(failure))
    raise AccessDeniedError(
        f"not allowed to use what process {process.pid} has open: {os.strerror(failure)}",
        hint="run exectop as root; it takes Linux 5.6 and the right to trace the process",
    )


@contextlib.contextmanager
def borrowed(process: ProcessIdentity, number: int) -> Iterator[int | None]:
    """`duplicate`, closed at the end; None also where the kernel does not allow it."""
    descriptor = None
    with contextlib.suppress(AccessDeniedError, OSError):
        descriptor = duplicate(process, number)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)
