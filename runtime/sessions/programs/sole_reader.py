"""Keeps the holder of a terminal's master from reading there, for as long as a viewer wants that.

A shim reads what its terminal prints, to pass it on to a client that may be gone. It waits for
output with epoll(7), and whoever shares its epoll instance and the terminal can take the one out
of the other, and put it back. This program does so, and puts it back when the viewer leaves or
dies.

    sole_reader.py CONTROL MASTER HOLDER (NUMBER EPOLL EVENTS DATA)...

CONTROL is a socket: "+" is sent there when it is done, "-" when it cannot be, and the end of it is
the viewer's. MASTER is the terminal's and HOLDER a pidfd. Each NUMBER is the master's in the
holder, EPOLL one of the holder's epoll instances, EVENTS and DATA what struct epoll_event has.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
import socket
import sys

_EPOLL_CTL_ADD, _EPOLL_CTL_DEL = 1, 2
_SYS_PIDFD_GETFD = 438
_TIOCGPTN = 0x80045430

_libc = ctypes.CDLL(None)


class _Event(ctypes.Structure):
    # The kernel packs it on x86-64 only (uapi/linux/eventpoll.h).
    _pack_ = 1 if os.uname().machine == "x86_64" else 8
    _fields_ = (("events", ctypes.c_uint32), ("data", ctypes.c_uint64))


class _Entry:
    """One place where the master is waited for."""

    def __init__(self, number: int, epoll: int, events: int, data: int) -> None:
        self.number = number
        self.epoll = epoll
        self.event = _Event(events, data)

    def change(self, master: int, what: int) -> bool:
        """Take it out of its epoll instance, or put it back."""
        # epoll knows an entry by its file and its number: ours must be the same.
        os.dup2(master, self.number)
        failed = _libc.epoll_ctl(self.epoll, what, self.number, ctypes.byref(self.event))
        os.close(self.number)
        return not failed


def _is_held(master: int, holder: int, number: int) -> bool:
    """Whether the holder has the terminal open still, and as the same number."""
    theirs = _libc.syscall(_SYS_PIDFD_GETFD, holder, number, 0)
    if theirs < 0:
        return False
    try:
        return _name(theirs) == _name(master)
    except OSError:
        return False
    finally:
        os.close(theirs)


def _name(master: int) -> tuple[int, bytes]:
    return os.fstat(master).st_dev, fcntl.ioctl(master, _TIOCGPTN, bytes(4))


def _above(number: int, limit: int) -> int:
    """The same descriptor by a number that no entry has."""
    return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, limit)


def _serve(control: socket.socket, master: int, holder: int, entries: list[_Entry]) -> None:
    taken = []
    try:
        for entry in entries:
            if not entry.change(master, _EPOLL_CTL_DEL):
                control.send(b"-")
                return
            taken.append(entry)
        control.send(b"+")
        control.recv(1)
    except OSError:  # the viewer is gone
        return
    finally:
        for entry in taken:
            if _is_held(master, holder, entry.number):
                entry.change(master, _EPOLL_CTL_ADD)


def _end(*_: object) -> None:
    raise SystemExit


def main(words: list[str]) -> int:
    """Leave our parent, and do it."""
    if os.fork():
        return 0
    numbers = [int(word) for word in words]
    entries = [_Entry(*numbers[at : at + 4]) for at in range(3, len(numbers), 4)]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    limit = max(entry.number for entry in entries) + 1
    control, master, holder = (_above(number, limit) for number in numbers[:3])
    for entry in entries:
        entry.epoll = _above(entry.epoll, limit)
    os.closerange(3, limit)
    os.chdir("/")
    with open("/proc/self/comm", "wb") as file:  # noqa: PTH123 - pathlib takes time to import
        file.write(b"exectop-reader")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    _serve(socket.socket(fileno=control), master, holder, entries)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
