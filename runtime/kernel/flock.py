"""Advisory file locks (flock(2), fcntl_locking(2)), awaited without blocking the loop.

The kernel frees a lock when its holder dies, so no lock is ever stale. A lock may be held whole or
for one part: those who hold parts share the file's flock, and each has the open file description
lock of the byte that stands for its part. So parts exclude each other only where they are the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
from collections.abc import AsyncIterator
from pathlib import Path

from runtime.errors import LockTimeoutError, StateError
from runtime.kernel.cmdline import command_line
from runtime.kernel.proc import identify
from runtime.kernel.process_state import process_state

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.02
_LONGEST_COMMAND = 80
# States that say nothing about why a lock is not given back.
_MOVING = ("running", "sleeping", "idle")
# struct flock: l_type, l_whence, l_start, l_len, l_pid.
_FLOCK = "hhqqi4x"


@contextlib.asynccontextmanager
async def locked(
    path: Path, *, timeout: float, what: str, part: int | None = None
) -> AsyncIterator[None]:
    """Hold the exclusive lock of file `path`, made if need be, or of one `part` (from 0 to 2^62).

    Raises LockTimeoutError naming the holder when it is not free within `timeout` seconds;
    `what` says in that message what the lock is for.
    """
    descriptor = _open(path)
    try:
        await _acquire(descriptor, path, timeout, what, part)
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


async def _acquire(
    descriptor: int, path: Path, timeout: float, what: str, part: int | None
) -> None:
    # flock(2) cannot be awaited, and a thread blocked in it cannot be cancelled: so try, pause
    # and try again. Locks are held for milliseconds.
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + timeout, _FIRST_PAUSE
    while not _try(descriptor, part):
        if loop.time() >= deadline:
            raise LockTimeoutError(
                f"{what} is locked by {_holder(descriptor, path)}",
                hint="try again when it has finished; let it go on if it is suspended, or end it",
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _try(descriptor: int, part: int | None) -> bool:
    if part is None:
        return try_lock(descriptor)
    return try_lock(descriptor, shared=True) and _try_part(descriptor, part)


def _try_part(descriptor: int, part: int) -> bool:
    wanted = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, part, 1, 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
    except BlockingIOError:
        return False
    return True


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file if it is free now; False if another holds it."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int, path: Path) -> str:
    """Who holds the file; for a part, which other processes hold parts of it."""
    found = os.fstat(descriptor)
    device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return f"another process ({path})"
    fields = [each for line in lines if len(each := line.split()) > 5 and each[1] == "FLOCK"]
    same = [each for each in fields if each[5].endswith(f":{found.st_ino}")]
    # Some file systems have another device in stat(2): then the inode alone has to do.
    exact = [each for each in same if each[5].startswith(f"{device}:")]
    pids = {int(each[4]) for each in exact or same}
    others = sorted(pids - {os.getpid()}) or sorted(pids)
    return " or ".join(map(_described, others)) or f"another process ({path})"


def _described(pid: int) -> str:
    """A process as one may look for it: its command, and what keeps it where it is standing."""
    process = identify(pid)
    state = process_state(process) if process else ""
    command = " ".join(command_line(pid))
    shown = command[:_LONGEST_COMMAND].encode("unicode_escape").decode()
    details = [shown] if shown else []
    details += [f"which is {state}"] if state and state not in _MOVING else []
    return f"process {pid} ({', '.join(details)})" if details else f"process {pid}"
