"""The master side of a pseudo-terminal, among the descriptors of the process that holds it.

Whoever has the master types into the terminal and reads what is printed there (pty(7)). Numbers of
terminals are those of a devpts of their own in each container, so one is known by its device file:
the master gives its peer (ioctl_tty(2), TIOCGPTPEER, Linux 4.13), and that must be the very file
that the process in the terminal has open.
"""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

import msgspec

from runtime.errors import AccessDeniedError
from runtime.kernel.borrowing import duplicate
from runtime.kernel.proc import PROC, is_alive
from runtime.model import ProcessIdentity

# Documentation/admin-guide/devices.txt: /dev/ptmx, in whatever folder, and Unix98 slaves.
_PTMX = os.makedev(5, 2)
_PTS_MAJORS = range(136, 144)
_TIOCGPTPEER = 0x5441
_OPEN_PEER = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC


class Terminal(msgspec.Struct, frozen=True):
    """A pseudo-terminal's device file: its devpts, its number there, its inode."""

    device: int
    special: int
    inode: int


def terminal_of(process: ProcessIdentity) -> Terminal | None:
    """The terminal on the standard streams of exactly this process, None where it has none."""
    for number in range(3):
        # Through O_PATH, for the container chooses what stands behind the link.
        try:
            link = os.open(f"{PROC}/{process.pid}/fd/{number}", os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            found = _terminal(link)
        finally:
            os.close(link)
        if found is not None:
            return found if is_alive(process) else None
    return None


def masters_of(holder: ProcessIdentity, terminal: Terminal) -> list[int]:
    """The numbers of the holder's descriptors that are this terminal's master, in order.

    Raises AccessDeniedError where the kernel does not let us look.
    """
    return [number for number in _ptmx_numbers(holder) if _is_master(holder, number, terminal)]


def take_master(holder: ProcessIdentity, terminal: Terminal) -> int | None:
    """A duplicate of the terminal's master, for the caller to close; None if it is not held there.

    Raises AccessDeniedError. While the duplicate is open the terminal is not hung up, even if its
    holder dies.
    """
    for number in masters_of(holder, terminal):
        descriptor = duplicate(holder, number)
        if descriptor is None:
            continue
        if _is_peer(descriptor, terminal):  # the number may be of something else by now
            return descriptor
        os.close(descriptor)
    return None


def _ptmx_numbers(holder: ProcessIdentity) -> list[int]:
    try:
        entries = list((PROC / str(holder.pid) / "fd").iterdir())
    except PermissionError as error:
        raise AccessDeniedError(
            f"not allowed to see what process {holder.pid} has open",
            hint="run exectop as the user who owns the process, or as root",
        ) from error
    except OSError:  # it is gone
        return []
    return sorted(int(entry.name) for entry in entries if _is_ptmx(entry))


def _is_ptmx(entry: Path) -> bool:
    try:
        # The link first: asking a network file system for its files may hang.
        return "ptmx" in str(entry.readlink()) and entry.stat().st_rdev == _PTMX
    except OSError:  # closed meanwhile
        return False


def _is_master(holder: ProcessIdentity, number: int, terminal: Terminal) -> bool:
    descriptor = duplicate(holder, number)
    if descriptor is None:
        return False
    try:
        return _is_peer(descriptor, terminal)
    finally:
        os.close(descriptor)


def _is_peer(master: int, terminal: Terminal) -> bool:
    try:
        peer = fcntl.ioctl(master, _TIOCGPTPEER, _OPEN_PEER)
    except OSError:
        return False
    try:
        return _terminal(peer) == terminal
    finally:
        os.close(peer)


def _terminal(descriptor: int) -> Terminal | None:
    found = os.fstat(descriptor)
    if not stat.S_ISCHR(found.st_mode) or os.major(found.st_rdev) not in _PTS_MAJORS:
        return None
    return Terminal(found.st_dev, found.st_rdev, found.st_ino)
