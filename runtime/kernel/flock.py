"""Advisory file locks (flock(2)), awaited without blocking the loop.

The kernel frees a lock when its holder dies, so no lock is ever stale.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator
from pathlib import Path

from runtime.errors import LockTimeoutError, StateError

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.02


@contextlib.asynccontextmanager
async def locked(path: Path, *, timeout: float, what: str) -> AsyncIterator[None]:
    """Hold the exclusive lock of file `path`, made if need be.

    Raises LockTimeoutError naming the holder when it is not free within `timeout` seconds;
    `what` says in that message what the lock is for.
    """
    descriptor = _open(path)
    try:
        await _acquire(descriptor, path, timeout, what)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(
            f"cannot open the lock file {path}: {error.strerror}",
            hint="check that its folder exists and is writable",
        ) from error


async def _acquire(descriptor: int, path: Path, timeout: float, what: str) -> None:
    # flock(2) cannot be awaited, and a thread blocked in it cannot be cancelled: so try, pause
    # and try again. Locks are held for milliseconds.
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + timeout, _FIRST_PAUSE
    while not try_lock(descriptor):
        if loop.time() >= deadline:
            raise LockTimeoutError(
                f"{what} is locked by {_holder(descriptor, path)}",
                hint="try again when it has finished, or stop it",
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file if it is free now; False if another holds it."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int, path: Path) -> str:
    inode = f":{os.fstat(descriptor).st_ino}"
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return f"another process ({path})"
    for line in lines:
        fields = line.split()
        if len(fields) > 5 and fields[1] == "FLOCK" and fields[5].endswith(inode):
            return f"process {fields[4]}"
    return f"another process ({path})"
