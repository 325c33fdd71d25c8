"""Telling whether a file or folder changed since it was read, with one stat(2)."""

from __future__ import annotations

import time
from pathlib import Path

Stamp = tuple[int, int, int]

# Times of files have the grain of the kernel's tick, on some filesystems one of seconds: what is
# younger than this may yet change without showing it. In nanoseconds.
GRAIN = 2_000_000_000


def stamp(path: Path) -> Stamp:
    """Inode, time of the last change in nanoseconds, and size. Raises OSError."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def stamp_or_none(path: Path) -> Stamp | None:
    """The same; None where there is nothing, or nothing that may be looked at."""
    try:
        return stamp(path)
    except OSError:
        return None


def is_settled(changed: int, read: int) -> bool:
    """Whether what was read at `read` would show any later change, if it changed at `changed`.

    Both in nanoseconds since the epoch. A time that lies in the future never settles.
    """
    return read - changed > GRAIN


def now() -> int:
    """The clock that files' times are taken from, in nanoseconds since the epoch."""
    return time.time_ns()
