"""Keeps viewers' connections to a conmon open when the viewers have left.

conmon closes the input of a session that another program began (podman's -t -i, -i) for everybody
as soon as any one of its connections is closed. So viewers get their connections from this
program, which has a duplicate of each, and goes on reading when a viewer has left or died. It ends
with the session, or with its input: then there is nothing to keep.

    keeper.py LISTENER ATTACH_SOCKET MONITOR_PID MONITOR_START SOCKET_FILE LOCK_FILE

LISTENER is the number of a listening SOCK_SEQPACKET socket. Whoever connects there is sent one
packet: "+" and the descriptor of a connection to conmon, or "-" and why there is none. It has the
connection until it closes this one. The lock is inherited, and so is held for as long as this runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import termios
import time
from collections.abc import Callable

# Seconds to wait for the first viewer, between looks at those that may have stopped reading, and
# between looks at the session's input, of whose end nothing tells.
_START = 30.0
_TICK = 1.0
_IDLE_TICK = 5.0
# For so many looks in a row a viewer may leave what waits for it unread.
_PATIENCE = 2
_LARGEST = 65536
_AT_ONCE = 64
_HANG_UP = 0  # which poll(2) tells without being asked for


class _Kept:
    """A connection to conmon. `viewer` has it for now; `mute` ones are not read any more."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.viewer: socket.socket | None = None
        self.mute = False
        self.unread = 0
        self.looks = 0


class Keeper:
    """One session's connections."""

    def __init__(self, listener: socket.socket, attach: str, pid: int, monitor: int) -> None:
        """`pid` is conmon's, which `attach` belongs to, and `monitor` a pidfd of it."""
        listener.setblocking(False)
        self._listener = listener
        self._attach = attach
        self._pid = pid
        self._kept: dict[int, _Kept] = {}
        self._viewers: dict[int, _Kept] = {}
        self._poll = select.poll()
        self._handlers: dict[int, Callable[[int], None]] = {}
        self._ended = False
        self._watch(listener.fileno(), select.POLLIN, self._accept)
        self._watch(monitor, select.POLLIN, self._end)

    def run(self) -> None:
        """Until the session has ended, or there is nothing to keep."""
        start = looked = time.monotonic()
        while not self._ended and (self._kept or time.monotonic() < start + _START):
            tick = _TICK if self._viewers else _IDLE_TICK
            # Those who leave before those who come: what they leave is given away again.
            ready = [number for number, _ in self._poll.poll(tick * 1000)]
            for number in sorted(ready, key=self._is_listener):
                if number in self._handlers:
                    self._handlers[number](number)
            if time.monotonic() >= looked + tick:
                looked = time.monotonic()
                self._look_after_viewers()
                if self._is_of_no_use():
                    return

    def _is_listener(self, number: int) -> bool:
        return number == self._listener.fileno()

    def _is_of_no_use(self) -> bool:
        return bool(self._kept) and not self._viewers and not _takes_input(self._pid)

    def _watch(self, number: int, events: int, handler: Callable[[int], None]) -> None:
        self._poll.register(number, events)
        self._handlers[number] = handler

    def _forget(self, number: int) -> None:
        self._poll.unregister(number)
        del self._handlers[number]

    def _end(self, _: int) -> None:
        self._ended = True

    def _accept(self, _: int) -> None:
        try:
            viewer, _ = self._listener.accept()
        except OSError:  # it has gone already
            return
        try:
            kept = self._idle() or self._connect()
        except OSError as error:
            _answer(viewer, b"-" + (error.strerror or str(error)).encode())
            viewer.close()
            self._ended = not self._kept
            return
        if not _answer(viewer, b"+", kept.connection.fileno()):
            viewer.close()
            return
        kept.viewer, kept.unread, kept.looks = viewer, 0, 0
        self._viewers[viewer.fileno()] = kept
        self._watch(viewer.fileno(), select.POLLIN, self._take_back)
        self._watch(kept.connection.fileno(), _HANG_UP, self._drop)

    def _idle(self) -> _Kept | None:
        """A connection that nobody has, read empty."""
        for kept in list(self._kept.values()):
            if kept.viewer is None and not kept.mute:
                self._drain(kept.connection.fileno())
                if kept.connection.fileno() in self._kept:
                    return kept
        return None

    def _connect(self) -> _Kept:
        # sun_path holds 107 bytes: the path goes through a descriptor.
        path = os.open(self._attach, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.setblocking(False)
            connection.connect(f"/proc/self/fd/{path}")
        except BaseException:
            connection.close()
            raise
        finally:
            os.close(path)
        kept = _Kept(connection)
        self._kept[connection.fileno()] = kept
        self._watch(connection.fileno(), select.POLLIN, self._drain)
        return kept

    def _take_back(self, number: int) -> None:
        """The viewer has left, or died: what comes for it is read here from now on."""
        kept = self._viewers.pop(number)
        self._forget(number)
        if kept.viewer is not None:
            kept.viewer.close()
        kept.viewer = None
        if kept.connection.fileno() in self._kept and not kept.mute:
            self._watch(kept.connection.fileno(), select.POLLIN, self._drain)

    def _drain(self, number: int) -> None:
        connection = self._kept[number].connection
        with contextlib.suppress(BlockingIOError):
            for _ in range(_AT_ONCE):
                try:
                    packet = connection.recv(_LARGEST)
                except ConnectionError:
                    packet = b""
                if not packet:
                    self._drop(number)
                    return

    def _drop(self, number: int) -> None:
        """conmon has closed it: the session has ended."""
        kept = self._kept.pop(number)
        self._forget(number)
        kept.connection.close()
        self._ended = not self._kept

    def _look_after_viewers(self) -> None:
        """Have conmon send no more to a viewer that is suspended: it would wait for it."""
        for kept in self._viewers.values():
            if kept.mute or kept.connection.fileno() not in self._kept:
                continue
            unread = _unread(kept.connection)
            kept.looks = kept.looks + 1 if unread and unread == kept.unread else 0
            kept.unread = unread
            if kept.looks >= _PATIENCE:
                # conmon's next write fails, and it never writes there again; input goes through.
                kept.connection.shutdown(socket.SHUT_RD)
                kept.mute = True


def _takes_input(conmon: int) -> bool:
    """Whether conmon has its session's input: a terminal's master twice, or a pipe's writing end.

    The same as `runtime.sessions.holder.input_is_open`, for a program that can import nothing.
    """
    folder, masters, pipes = f"/proc/{conmon}/fd", 0, 0
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - pathlib takes time to import
            with contextlib.suppress(FileNotFoundError):
                link = os.readlink(f"{folder}/{name}")  # noqa: PTH115
                masters += "ptmx" in link
                pipes += link.startswith("pipe:") and bool(
                    os.lstat(f"{folder}/{name}").st_mode & 0o200
                )
    except OSError:
        return True  # nobody knows
    return masters > 1 if masters else pipes > 0


def _answer(viewer: socket.socket, text: bytes, *descriptors: int) -> bool:
    try:
        socket.send_fds(viewer, [text], descriptors)
    except OSError:  # it has gone already
        return False
    return True


def _unread(connection: socket.socket) -> int:
    packed = fcntl.ioctl(connection, termios.FIONREAD, bytes(4))
    return int(struct.unpack("i", packed)[0])


def _started(pid: int) -> str:
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
        return file.read().rsplit(b")", 1)[1].split()[19].decode()


def main(words: list[str]) -> int:
    """Leave our parent, and keep what there is to keep."""
    number, attach, pid, start, *files = words
    if os.fork():
        return 0
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.chdir("/")
    with open("/proc/self/comm", "wb") as file:  # noqa: PTH123
        file.write(b"exectop-keeper")
    with contextlib.suppress(OSError):
        monitor = os.pidfd_open(int(pid))
        if _started(int(pid)) == start:
            Keeper(socket.socket(fileno=int(number)), attach, int(pid), monitor).run()
    for path in files:
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
