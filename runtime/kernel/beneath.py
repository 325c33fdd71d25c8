"""Opening files of a folder of ours by descriptors, so that no link leads out of it.

Whatever was put in the place of a file is not followed, waited for or acted upon: a link, a FIFO
or a device is as good as no file (open(2), O_NOFOLLOW and O_NONBLOCK).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

_ANY = os.O_NOFOLLOW | os.O_CLOEXEC
# What open(2) says of a link, of a file in the place of a folder or the other way round, and of a
# FIFO that nobody reads from.
_NO_SUCH_FILE = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO)


@contextlib.contextmanager
def opened_folder(path: Path, *, below: Path | None = None) -> Iterator[int]:
    """A descriptor of a folder, closed at the end.

    From `below` (which is the folder itself where it is not given) on no link is followed. Raises
    OSError; FileNotFoundError also for what is no folder.
    """
    start = below or path
    descriptor = _open(str(start), os.O_PATH | os.O_DIRECTORY, None)
    try:
        for name in path.relative_to(start).parts if below else ():
            if name == "..":
                raise FileNotFoundError(errno.ENOENT, "leads out of the folder", str(path))
            inner = _open(name, os.O_PATH | os.O_DIRECTORY, descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def open_at(folder: int, name: str, flags: int) -> int:
    """Open, or make with mode 0600, the regular file `name` in an open folder.

    Raises OSError; FileNotFoundError also for what is no regular file.
    """
    descriptor = _open(name, flags | os.O_NONBLOCK | os.O_NOCTTY, folder)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError(errno.ENOENT, "no regular file", name)


def open_file(path: Path, flags: int = os.O_RDONLY, *, below: Path | None = None) -> int:
    """`open_at` for a path; from `below`, or else from its folder on, no link is followed."""
    with opened_folder(path.parent, below=below) as folder:
        return open_at(folder, path.name, flags)


def read_file(path: Path, limit: int, *, below: Path | None = None) -> bytes:
    """The first `limit` bytes of the file. Raises OSError as `open_file` does."""
    with os.fdopen(open_file(path, below=below), "rb") as file:
        return file.read(limit)


def _open(name: str, flags: int, folder: int | None) -> int:
    try:
        return os.open(name, flags | _ANY, 0o600, dir_fd=folder)
    except OSError as error:
        if error.errno in _NO_SUCH_FILE:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from error
        raise
