"""Reading files of a container, which may be hostile, from below its root only.

openat2(2) with RESOLVE_IN_ROOT makes the kernel resolve every link and `..` as if the container's
root were `/`. Files are opened without blocking, must be regular, and are read up to a bound.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import AccessDeniedError, ContainerStateError
from runtime.kernel.proc import identify
from runtime.model import ProcessIdentity

_SYS_OPENAT2 = 437
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_IN_ROOT = 0x10
_NULL = os.makedev(1, 3)


class _OpenHow(ctypes.Structure):
    """struct open_how of openat2(2)."""

    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def container_root(init: ProcessIdentity) -> Iterator[int]:
    """A descriptor of the root directory that the process sees.

    Raises ContainerStateError when it is gone, AccessDeniedError when it is another user's.
    """
    try:
        descriptor = os.open(f"/proc/{init.pid}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError as error:
        raise AccessDeniedError(
            "not allowed to look into the container",
            hint="run exectop as root, or as the user who owns the container",
        ) from error
    except OSError as error:
        raise _gone() from error
    try:
        if identify(init.pid) != init:
            raise _gone()  # the pid is another process's now, and so is the root
        yield descriptor
    finally:
        os.close(descriptor)


def _gone() -> ContainerStateError:
    return ContainerStateError(
        "the container's first process is gone", hint="start the container, then try again"
    )


@contextmanager
def _found(root: int, path: str) -> Iterator[int | None]:
    """An O_PATH descriptor, which opens nothing, of what is there; None if there is nothing."""
    how = _OpenHow(os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE_IN_ROOT | _RESOLVE_NO_MAGICLINKS)
    descriptor: int = _libc.syscall(
        _SYS_OPENAT2, root, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how)
    )
    if descriptor < 0:
        yield None  # whatever errno says: there is no such file for us
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _regular_file(root: int, path: str) -> Iterator[int | None]:
    with _found(root, path) as descriptor:
        is_file = descriptor is not None and stat.S_ISREG(os.fstat(descriptor).st_mode)
        yield descriptor if is_file else None


def is_endless(root: int, path: str) -> bool:
    """Whether who reads what is at `path` below `root` may wait, or read, for ever."""
    with _found(root, path) as descriptor:
        if descriptor is None:
            return False
        found = os.fstat(descriptor)
        ends = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        return not ends and found.st_rdev != _NULL


def read_file(root: int, path: str, limit: int = 1024 * 1024) -> bytes | None:
    """The first `limit` bytes of a regular file below `root`, None if there is none to read."""
    with _regular_file(root, path) as descriptor:
        if descriptor is None:
            return None
        try:
            with Path(f"/proc/self/fd/{descriptor}").open("rb") as file:
                return file.read(limit)
        except OSError:
            return None


def is_executable(root: int, path: str) -> bool:
    """Whether a regular file that somebody may execute is at `path` below `root`."""
    with _regular_file(root, path) as descriptor:
        return descriptor is not None and bool(os.fstat(descriptor).st_mode & 0o111)
