"""The size of a terminal that another process has open.

TIOCSWINSZ on the tty itself is synchronous and right for any session (tty_ioctl(4)), where
conmon's control FIFO loses lines that arrive together.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import struct
import termios
from collections.abc import Iterator

from runtime.kernel.proc import read_stat
from runtime.kernel.statx import file_facts
from runtime.model import ProcessIdentity, TerminalSize

# Unix98 pseudo-terminal slaves, Documentation/admin-guide/devices.txt.
_PTS_MAJORS = range(136, 144)


def set_size(process: ProcessIdentity, size: TerminalSize) -> bool:
    """Set the size of the process's terminal; its foreground group gets SIGWINCH.

    False when the process is gone or has no terminal on its standard streams.
    """
    with _terminal(process) as descriptor:
        if descriptor is None:
            return False
        packed = struct.pack("HHHH", size.rows, size.columns, 0, 0)
        try:
            fcntl.ioctl(descriptor, termios.TIOCSWINSZ, packed)
        except OSError:
            return False  # the terminal was hung up since
        return True


def get_size(process: ProcessIdentity) -> TerminalSize | None:
    """The size of the process's terminal, None when it is gone or has none."""
    with _terminal(process) as descriptor:
        if descriptor is None:
            return None
        try:
            packed = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
        except OSError:
            return None
        rows, columns, _, _ = struct.unpack("HHHH", packed)
        return TerminalSize(rows=rows, columns=columns)


@contextlib.contextmanager
def _terminal(process: ProcessIdentity) -> Iterator[int | None]:
    descriptor = next(filter(None, (_open_stream(process, n) for n in range(3))), None)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open_stream(process: ProcessIdentity, number: int) -> int | None:
    # The container chooses what stands behind the link: look at it through O_PATH, which opens
    # nothing, and open it in earnest only if it is a pseudo-terminal. Its filesystem is not asked.
    try:
        link = os.open(f"/proc/{process.pid}/fd/{number}", os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = file_facts(f"/proc/self/fd/{link}")
        if not stat.S_ISCHR(found.mode) or found.special[0] not in _PTS_MAJORS:
            return None
        now = read_stat(process.pid)
        if now is None or now.start_time != process.start_time:
            return None
        flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(f"/proc/self/fd/{link}", flags)
    except OSError:
        return None
    finally:
        os.close(link)
