"""SOCK_SEQPACKET sockets (unix(7)): packets keep their bounds, an empty one is the end."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path


def socketpair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets: ours (not blocking) and one to hand to a child."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    return ours, theirs


async def connect(path: Path) -> socket.socket:
    """Connect to the socket at `path`, however long the path is.

    sun_path holds 107 bytes, so the file is opened with O_PATH and connected to through
    /proc/self/fd. Raises OSError (FileNotFoundError, ConnectionRefusedError, …) as the kernel
    gives it.
    """
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.setblocking(False)
        try:
            address = f"/proc/self/fd/{descriptor}"
            await asyncio.get_running_loop().sock_connect(connection, address)
        except BaseException:
            connection.close()
            raise
        return connection
    finally:
        os.close(descriptor)


async def receive(connection: socket.socket, size: int) -> bytes:
    """The next packet, b"" at the end; a peer that died hard is an end, too."""
    try:
        return await asyncio.get_running_loop().sock_recv(connection, size)
    except ConnectionError:
        return b""


async def send(connection: socket.socket, packet: bytes) -> None:
    """Send one packet, waiting until the peer has room for it."""
    try:
        connection.send(packet)
    except BlockingIOError:
        await asyncio.get_running_loop().sock_sendall(connection, packet)
