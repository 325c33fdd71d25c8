"""Signalling and awaiting processes through pidfds (pidfd_open(2), Linux 5.3).

A pidfd is opened first and the start time checked after: from then on the descriptor means
exactly that process, whatever becomes of its pid.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import select
import signal
from collections.abc import Iterator

from runtime.errors import AccessDeniedError
from runtime.kernel.proc import read_stat
from runtime.model import ProcessIdentity

# What pidfd_open says of a number that is now a thread's (EINVAL before Linux 6.15): the process
# that had it is gone.
_IS_A_THREAD = (errno.EINVAL, errno.ENOENT)


def open_pidfd(process: ProcessIdentity) -> int | None:
    """A pidfd for exactly this process, None when it is gone. The caller closes it."""
    if process.pid <= 0:
        return None
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return None
    except OSError as error:
        if error.errno in _IS_A_THREAD:
            return None
        raise
    stat = read_stat(process.pid)
    if stat is None or stat.start_time != process.start_time:
        os.close(descriptor)
        return None
    return descriptor


@contextlib.contextmanager
def pidfd(process: ProcessIdentity) -> Iterator[int | None]:
    """`open_pidfd`, closed at the end."""
    descriptor = open_pidfd(process)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def send_signal(process: ProcessIdentity, number: signal.Signals) -> bool:
    """Signal exactly this process. False when it has ended.

    Raises AccessDeniedError where the kernel does not let us signal it.
    """
    with pidfd(process) as descriptor:
        if descriptor is None:
            return False
        try:
            signal.pidfd_send_signal(descriptor, number)
        except ProcessLookupError:
            return False
        except PermissionError as error:
            raise AccessDeniedError(
                f"not allowed to send {number.name} to process {process.pid}",
                hint="run exectop as the user who owns the process, or as root",
            ) from error
        return True


async def wait_ended(process: ProcessIdentity | None, timeout: float | None = None) -> bool:
    """Wait until the process has ended (a zombie has); False when `timeout` seconds pass first."""
    if process is None:
        return True
    with pidfd(process) as descriptor:
        if descriptor is None:
            return True
        return await wait_readable(descriptor, timeout)


async def wait_readable(descriptor: int, timeout: float | None = None) -> bool:
    """Wait until the descriptor can be read; False when `timeout` seconds pass first."""
    loop = asyncio.get_running_loop()
    readable = loop.create_future()

    def mark() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(descriptor, mark)
    try:
        async with asyncio.timeout(timeout):
            await readable
    except TimeoutError:
        return _is_readable(descriptor)  # a loop that was given no time has not looked
    finally:
        loop.remove_reader(descriptor)
    return True


def _is_readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
