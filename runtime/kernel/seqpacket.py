"""SOCK_SEQPACKET sockets (unix(7)): packets keep their bounds, an empty one is the end."""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import socket
import struct
import termios
from pathlib import Path

_CONNECT_TIMEOUT = 10.0
_CONNECT_PAUSE = 0.02


def socketpair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets: ours (not blocking) and one to hand to a child."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    return ours, theirs


async def connect(path: Path) -> socket.socket:
    """Connect to the socket at `path`, however long the path is.

    sun_path holds 107 bytes, so the file is opened with O_PATH and connected to through
    /proc/self/fd. A link in its place is not followed. Raises OSError (FileNotFoundError,
    ConnectionRefusedError, …) as the kernel gives it.
    """
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.setblocking(False)
        try:
            await _connect(connection, f"/proc/self/fd/{descriptor}")
        except BaseException:
            connection.close()
            raise
        return connection
    finally:
        os.close(descriptor)


async def _connect(connection: socket.socket, address: str) -> None:
    # A listener that is behind has room for a few only, and nothing tells when it has again: the
    # kernel says EAGAIN (unix(7)), which asyncio's sock_connect takes for a connection under way.
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _CONNECT_TIMEOUT
    while True:
        try:
            connection.connect(address)
        except BlockingIOError:
            if loop.time() >= deadline:
                raise
            await asyncio.sleep(_CONNECT_PAUSE)
        else:
            return


async def receive(connection: socket.socket, size: int) -> bytes:
    """The next packet, b"" at the end; a peer that died hard is an end, too."""
    try:
        return await asyncio.get_running_loop().sock_recv(connection, size)
    except ConnectionError:
        return b""


def receive_now(connection: socket.socket, size: int) -> bytes | None:
    """The packet that has come, None where none has; b"" as `receive`."""
    try:
        return connection.recv(size)
    except (BlockingIOError, InterruptedError):
        return None
    except ConnectionError:
        return b""


async def send(connection: socket.socket, packet: bytes) -> None:
    """Send one packet, waiting until the peer has room for it."""
    try:
        connection.send(packet)
    except BlockingIOError:
        await asyncio.get_running_loop().sock_sendall(connection, packet)


def unread_bytes(connection: socket.socket) -> int:
    """How much was sent to us, in all packets, that nobody has received (unix(7), SIOCINQ)."""
    (size,) = struct.unpack("i", fcntl.ioctl(connection, termios.FIONREAD, bytes(4)))
    return int(size)


def is_hung_up(connection: socket.socket) -> bool:
    """Whether the peer has closed; False where only one direction was shut down."""
    poll = select.poll()
    poll.register(connection, 0)  # a hang-up is told of without being asked for
    return any(found & select.POLLHUP for _, found in poll.poll(0))
