"""Facts about a file that another process has open, without asking the file's filesystem.

A container may have a filesystem of its own making (FUSE), which answers stat(2) when it pleases.
statx(2) with AT_STATX_DONT_SYNC takes what the kernel has, and never waits.
"""

from __future__ import annotations

import ctypes
import os
import struct

import msgspec

_AT_FDCWD = -100
_AT_STATX_DONT_SYNC = 0x4000
_STATX_BASIC_STATS = 0x7FF
# struct statx: mode, inode, the times of the last access and change, the devices' numbers.
_SIZE = 256
_MODE, _INODE, _ACCESSED, _MODIFIED, _DEVICES = 28, 32, 64, 112, 128

_libc = ctypes.CDLL(None, use_errno=True)


class FileFacts(msgspec.Struct, frozen=True):
    """What statx(2) tells: `device` is where the file is, `special` which device it stands for.

    Times are in seconds since the epoch.
    """

    mode: int
    inode: int
    accessed: float
    modified: float
    device: tuple[int, int]
    special: tuple[int, int]


def file_facts(path: str, folder: int = _AT_FDCWD) -> FileFacts:
    """What the kernel knows of the file at `path`, seen from an open folder. Raises OSError."""
    buffer = ctypes.create_string_buffer(_SIZE)
    failed = _libc.statx(folder, os.fsencode(path), _AT_STATX_DONT_SYNC, _STATX_BASIC_STATS, buffer)
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    special_major, special_minor, major, minor = struct.unpack_from("=IIII", buffer, _DEVICES)
    return FileFacts(
        mode=struct.unpack_from("=H", buffer, _MODE)[0],
        inode=struct.unpack_from("=Q", buffer, _INODE)[0],
        accessed=_seconds(buffer, _ACCESSED),
        modified=_seconds(buffer, _MODIFIED),
        device=(major, minor),
        special=(special_major, special_minor),
    )


def _seconds(buffer: ctypes.Array[ctypes.c_char], offset: int) -> float:
    seconds, nanoseconds = struct.unpack_from("=qI", buffer, offset)
    return float(seconds + nanoseconds / 1e9)
