"""Where a viewer of a stranger's session types: into conmon's socket, or a terminal's master."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import Protocol

from runtime.kernel.seqpacket import send
from runtime.protocol.attach import encode_input
from runtime.sessions.conmon_connections import ConmonConnections

# The kernel says that there is room when it has some for a buffer of at least this size
# (tty_buffer_space_avail in drivers/tty/tty_buffer.c): so much is written without waiting.
_CHUNK = 256


class Input(Protocol):
    """A way for input into a session."""

    async def write(self, data: bytes) -> None:
        """Send it, in order and whole. Raises OSError once nobody takes it."""

    async def end(self) -> None:
        """No more will come."""


class SocketInput:
    """Through conmon's socket."""

    def __init__(self, connections: ConmonConnections) -> None:
        """The one in use may be another later."""
        self._connections = connections

    async def write(self, data: bytes) -> None:
        """See `Input`."""
        for packet in encode_input(data):
            await send(self._connections.current, packet)

    async def end(self) -> None:
        """See `Input`; for all viewers."""
        with contextlib.suppress(OSError):  # it has ended: so has its input
            self._connections.current.shutdown(socket.SHUT_WR)


class MasterInput:
    """Through the master of the terminal, whoever else has it.

    Its open file description is shared, and may be one that blocks: so only as much is written as
    there is room for.
    """

    def __init__(self, master: int) -> None:
        """`master` is the caller's to close."""
        self._master = master

    async def write(self, data: bytes) -> None:
        """See `Input`."""
        rest = memoryview(data)
        while rest:
            await _wait_writable(self._master)
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(self._master, rest[:_CHUNK]) :]

    async def end(self) -> None:
        """See `Input`; a terminal's never ends."""


async def _wait_writable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    writable = loop.create_future()

    def mark() -> None:
        if not writable.done():
            writable.set_result(None)

    loop.add_writer(descriptor, mark)
    try:
        await writable
    finally:
        loop.remove_writer(descriptor)
