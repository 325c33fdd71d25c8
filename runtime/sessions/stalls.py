"""Freeing a session from a viewer that has stopped reading.

conmon waits for every connected viewer. One whose whole process is suspended (SIGSTOP, a
debugger) empties its socket no more, and conmon would wait for it for as long as it lives. So
others take that socket and shut its reading end down: conmon's write fails, and it never writes
there again. The viewer loses nothing but its bell. When it goes on it connects anew, and finds
in the log what it missed; what it types goes through all the while.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from runtime.kernel.borrowing import borrowed
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.seqpacket import unread_bytes
from runtime.model import ProcessIdentity
from runtime.oci.bundle import ExecBundle
from runtime.sessions.viewers import Connection, connection_of, viewers_of

# How long, in seconds, a viewer may read nothing of what waits for it.
PATIENCE = 1.0


class _Unread(msgspec.Struct, frozen=True):
    """What a viewer had not read when it was looked at, and since when it has been so."""

    inode: int
    size: int
    since: float
    cut: bool = False


class Stalls:
    """Looks after the viewers of sessions, and remembers how it found them."""

    def __init__(self) -> None:
        self._seen: dict[Path, dict[Path, _Unread]] = {}

    def look(self, bundle: ExecBundle, *, besides: Path | None = None) -> bool:
        """Cut off each viewer that has read nothing of what waits for it for too long.

        True where output waits for one, so that it is worth to look again after `PATIENCE`. The
        viewer whose file is `besides` is left out. Does nothing to viewers whose sockets the
        kernel does not let us use (see `borrowed`).
        """
        before = self._seen.pop(bundle.viewers, {})
        seen: dict[Path, _Unread] = {}
        waiting = False
        for path in viewers_of(bundle):
            connection = connection_of(path) if path != besides else None
            unread = _examine(connection, before.get(path)) if connection else None
            if unread is not None:
                seen[path] = unread
                waiting = waiting or (unread.size > 0 and not unread.cut)
        if seen:
            self._seen[bundle.viewers] = seen
        return waiting


def _examine(connection: Connection, before: _Unread | None) -> _Unread | None:
    """How a viewer stands now; one that has stood like that for too long is cut off."""
    with _socket_of(connection) as theirs:
        if theirs is None:
            return None
        now = _Unread(connection.inode, unread_bytes(theirs), time.monotonic())
        if before is None or (before.inode, before.size) != (now.inode, now.size):
            return now
        if now.size == 0 or before.cut or now.since - before.since < PATIENCE:
            return before
        theirs.shutdown(socket.SHUT_RD)
        return msgspec.structs.replace(before, cut=True)


@contextlib.contextmanager
def _socket_of(connection: Connection) -> Iterator[socket.socket | None]:
    with borrowed(connection.process, connection.descriptor) as descriptor:
        found = os.fstat(descriptor) if descriptor is not None else None
        # The viewer may have left, and its descriptor may be of something else by now.
        if found is None or not stat.S_ISSOCK(found.st_mode) or found.st_ino != connection.inode:
            yield None
            return
        assert descriptor is not None
        with socket.socket(fileno=os.dup(descriptor)) as theirs:
            yield theirs


async def wait_monitor_ended(
    monitor: ProcessIdentity | None, bundle: ExecBundle, timeout: float
) -> bool:
    """Wait for the end of a monitor whose session has ended, and that a viewer may hold up.

    False when `timeout` seconds pass first.
    """
    loop = asyncio.get_running_loop()
    deadline, stalls = loop.time() + timeout, Stalls()
    while (left := deadline - loop.time()) > 0:
        if await wait_ended(monitor, min(left, PATIENCE)):
            return True
        stalls.look(bundle)
    return False
