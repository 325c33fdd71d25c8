"""Opening the state database, and setting a damaged one aside.

The damaged file is kept, never written over: what it held may matter. A new one is begun, and
the sessions that still run are found again through their monitors (`runtime.sessions.recovery`).
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from runtime.errors import DamagedStateError, StateError
from runtime.kernel.flock import locked
from runtime.state.database import Database

# Files that belong to the database in WAL mode, by suffix.
_PARTS = ("", "-wal", "-shm")
_LOCK_TIMEOUT = 30.0


async def open_database(path: Path) -> tuple[Database, str]:
    """The database at `path`, and a sentence for the user where a damaged one was set aside.

    Raises StateError where no database can be used.
    """
    lock = path.with_name(path.name + ".lock")
    # One program at a time: two must not set aside each other's new file.
    async with locked(lock, timeout=_LOCK_TIMEOUT, what="the state database"):
        try:
            return Database(path), ""
        except DamagedStateError as error:
            kept = _set_aside(path)
            return Database(path), (
                f"the state database was damaged ({error.message}); it is kept as {kept}, and a "
                "new one was begun"
            )


def _set_aside(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    kept = path.with_name(f"{path.name}.damaged-{stamp}-{time.monotonic_ns() % 1000:03d}")
    try:
        for part in _PARTS:
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + part).rename(kept.with_name(kept.name + part))
    except OSError as error:
        raise StateError(
            f"cannot set the damaged state database {path} aside: {error.strerror}",
            hint="move it away by hand",
        ) from error
    return kept
