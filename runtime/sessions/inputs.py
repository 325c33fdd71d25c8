"""Where a viewer types: into conmon's socket, or into a terminal's master."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Callable
from typing import Protocol

from runtime.errors import SessionStateError
from runtime.kernel.seqpacket import send
from runtime.protocol.attach import encode_input

# The kernel says that there is room when it has some for a buffer of at least this size
# (tty_buffer_space_avail in drivers/tty/tty_buffer.c): so much is written without waiting.
_CHUNK = 256
_NOBODY_TAKES_IT = (
    *(errno.EPIPE, errno.ECONNRESET, errno.EBADF, errno.ENOTCONN),
    errno.EIO,  # a terminal that was hung up
)


class Input(Protocol):
    """A way for input into a session."""

    async def write(self, data: bytes) -> None:
        """Send it, in order and whole. Raises OSError once nobody takes it."""

    async def end(self) -> None:
        """No more will come."""


class ViewerInput:
    """What one viewer types, in order, and errors that tell the viewer why nobody takes it."""

    def __init__(self, session_id: str, way: Input | str) -> None:
        """`way` is where it goes, or the reason why there is none."""
        self._session_id = session_id
        self._way = way
        self._writing = asyncio.Lock()

    @property
    def possible(self) -> bool:
        """Whether there is a way."""
        return not isinstance(self._way, str)

    async def write(self, data: bytes) -> None:
        """Send it whole. Raises SessionStateError where the session takes none (any more)."""
        if isinstance(self._way, str):
            raise self._refusal("no input", self._way)
        async with self._writing:
            try:
                await self._way.write(data)
            except OSError as error:
                if error.errno not in _NOBODY_TAKES_IT:
                    raise
                raise self._refusal("no more input", "it has ended, or was left") from error

    def _refusal(self, what: str, reason: str) -> SessionStateError:
        return SessionStateError(
            f"exec session {self._session_id[:24]} takes {what}",
            hint=reason,
            session_id=self._session_id,
        )

    async def end(self) -> None:
        """No more will come; nothing to be done where none could."""
        if not isinstance(self._way, str):
            async with self._writing:
                await self._way.end()


class SocketInput:
    """Through conmon's socket."""

    def __init__(self, connection: Callable[[], socket.socket]) -> None:
        """`connection` gives the one in use, which may be another later."""
        self._connection = connection

    async def write(self, data: bytes) -> None:
        """See `Input`."""
        for packet in encode_input(data):
            await send(self._connection(), packet)

    async def end(self) -> None:
        """See `Input`; for all viewers."""
        with contextlib.suppress(OSError):  # it has ended: so has its input
            self._connection().shutdown(socket.SHUT_WR)


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
