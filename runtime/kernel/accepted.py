"""The connections that a server has accepted, and who made them (unix(7), SO_PEERCRED)."""

from __future__ import annotations

import os
import select
import socket
import stat
import struct
from collections.abc import Iterable

import msgspec

from runtime.kernel.borrowing import borrowed
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
        with borrowed(server, number) as descriptor:
            if descriptor is None:
                return None
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                with socket.socket(fileno=os.dup(descriptor)) as connection:
                    found += _living(connection)
    return found


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
