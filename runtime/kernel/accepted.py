"""The connections that a server has accepted, and who made them (unix(7), SO_PEERCRED)."""

from __future__ import annotations

import os
import select
import socket
import stat
import struct
from collections.abc import Iterable

import msgspec

from runtime.errors import AccessDeniedError
from runtime.kernel.borrowing import duplicate
from runtime.kernel.proc import is_alive
from runtime.model import ProcessIdentity

_CREDENTIALS = struct.Struct("3i")


class Accepted(msgspec.Struct, frozen=True):
    """A connection whose other end is open; `pid` made it, 0 where that cannot be told."""

    pid: int


def accepted_connections(
    server: ProcessIdentity, descriptors: Iterable[int]
) -> list[Accepted] | None:
    """The living connections among these descriptors of a server.

    None where they cannot be looked at: the server is gone, or is another user's.
    """
    found = []
    for number in descriptors:
        try:
            descriptor = duplicate(server, number)
        except (AccessDeniedError, OSError):
            return None
        if descriptor is not None:  # else it was closed meanwhile
            found += _examine(descriptor)
    return found if is_alive(server) else None


def _examine(descriptor: int) -> list[Accepted]:
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return []
    with socket.socket(fileno=descriptor) as connection:
        return _living(connection)


def _living(connection: socket.socket) -> list[Accepted]:
    if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return []  # it is what others connect to
    if connection.family in (socket.AF_INET, socket.AF_INET6):
        # Whoever is at the other end may be on another host.
        return [Accepted(0)] if _is_open(connection) else []
    if connection.family != socket.AF_UNIX or connection.type != socket.SOCK_STREAM:
        return []
    if not connection.getsockname():
        return []  # a server's end has the name that its clients connected to
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid = _CREDENTIALS.unpack(credentials)[0]
    return [Accepted(pid)] if _is_open(connection) else []


def _is_open(connection: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connection, 0)  # POLLHUP is told unasked, once both directions are closed
    return not any(events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))
