"""How a process ended that is no child of ours (PIDFD_GET_INFO of ioctl_pidfd(2), Linux 6.15).

The kernel keeps that for as long as somebody has a pidfd open that was opened before the end.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct

from runtime.kernel.pidfd import wait_readable

# linux/pidfd.h: _IOWR(0xFF, 11, struct pidfd_info), in its first version of 64 bytes.
_PIDFD_GET_INFO = 0xC0000000 | 64 << 16 | 0xFF << 8 | 11
_PIDFD_INFO_EXIT = 1 << 3
_INFO = struct.Struct("=Q52xi")


async def wait_exit_code(pidfd: int, timeout: float) -> int | None:
    """The exit code of the process once its parent has noted the end; 128 + n for signal n.

    None where `timeout` seconds pass first, or where the kernel does not tell.
    """
    if _ask(pidfd) is None:
        return None  # an older kernel: there is nothing to wait for
    with select.epoll() as watch:
        watch.register(pidfd, 0)  # EPOLLHUP, which is told of without being asked for
        await wait_readable(watch.fileno(), timeout)
    return exit_code(pidfd)


def exit_code(pidfd: int) -> int | None:
    """The same without waiting; None also for a process that has not ended."""
    answer = _ask(pidfd)
    if answer is None or not answer[0] & _PIDFD_INFO_EXIT:
        return None
    code = os.waitstatus_to_exitcode(answer[1])
    return code if code >= 0 else 128 - code


def _ask(pidfd: int) -> tuple[int, int] | None:
    try:
        answer = fcntl.ioctl(pidfd, _PIDFD_GET_INFO, _INFO.pack(_PIDFD_INFO_EXIT, 0))
    except OSError:
        return None
    told, status = _INFO.unpack(answer)
    return told, status
