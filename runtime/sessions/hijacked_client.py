"""An HTTP client whose connection has become a raw stream: what is written to it, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any, Protocol

from runtime.errors import ExectopError
from runtime.kernel.peer import is_hung_up, wait_hung_up, wait_read
from runtime.protocol.stdcopy import STDERR, encode_frame

_READ_SIZE = 64 * 1024
# How long, in seconds, a client may take to read the head before output follows.
_HEAD_PATIENCE = 0.2
# How long a client may take to close its end once it has been told that ours is at its end.
_LINGER = 10.0


class ClientReader(Protocol):
    """What the client sends; an asyncio.StreamReader is one."""

    async def read(self, n: int, /) -> bytes:
        """At most `n` bytes as soon as there are some, b"" once the client stopped writing."""


class ClientWriter(Protocol):
    """The way to the client; an asyncio.StreamWriter is one."""

    def write(self, data: bytes, /) -> None:
        """Take bytes to be sent."""

    async def drain(self) -> None:
        """Wait until there is room for more. Raises OSError when the client is gone."""

    def can_write_eof(self) -> bool:
        """Whether our half can be closed alone."""

    def write_eof(self) -> None:
        """Close our half once all was sent."""

    def close(self) -> None:
        """Close the connection once all was sent."""

    def get_extra_info(self, name: str, /) -> Any:
        """The socket, for "socket"; None where there is none."""


class ClientInput:
    """What the client sends (`runtime.sessions.input.InputSource`)."""

    def __init__(self, reader: ClientReader) -> None:
        self._reader = reader
        self._pending: asyncio.Task[bytes] | None = None

    async def read(self, timeout: float | None) -> bytes | None:
        """The next bytes, b"" at the end; None when none came within `timeout` seconds."""
        if self._pending is None:
            self._pending = asyncio.create_task(self._reader.read(_READ_SIZE))
        # Waited for, not cancelled: a read that is given up might take bytes with it.
        await asyncio.wait({self._pending}, timeout=timeout)
        if not self._pending.done():
            return None
        finished, self._pending = self._pending, None
        try:
            return finished.result()
        except OSError:
            return b""  # a client that is gone sends no more

    async def discard(self, timeout: float) -> None:
        """Read to the end, or for `timeout` seconds, and forget it."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while await self.read(max(0.0, deadline - loop.time())):
            pass

    async def close(self) -> None:
        """Read no more."""
        if self._pending is not None:
            self._pending.cancel()
            await asyncio.wait({self._pending})


class HijackedClient:
    """The client's end of a hijacked connection; it may be gone at any moment."""

    def __init__(self, reader: ClientReader, writer: ClientWriter, *, framed: bool) -> None:
        """`framed` tells whether output is sent in frames (`runtime.protocol.stdcopy`)."""
        self.input = ClientInput(reader)
        self._writer = writer
        self._framed = framed
        self._gone = asyncio.Event()
        self._socket = writer.get_extra_info("socket")
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        # Without it a client that died would be noticed at the next output only.
        if self._socket is not None:
            await wait_hung_up(self._socket)
            self._gone.set()

    async def begin(self, head: bytes) -> None:
        """Send the response head, and let the client read it before anything follows.

        Some clients lose what they read together with the head (docker-py does).
        """
        await self._send(head)
        if self._socket is not None and self._socket.family == socket.AF_UNIX:
            await wait_read(self._socket, _HEAD_PATIENCE)

    async def send(self, stream: int, data: bytes) -> None:
        """Send output, waiting while the client is behind; one that is gone gets nothing."""
        await self._send(encode_frame(stream, data) if self._framed else data)

    async def tell(self, error: ExectopError) -> None:
        """Tell of an error where no error response can be sent any more, as libpod does."""
        await self.send(STDERR, f"Error: {error}\n".encode())

    async def _send(self, data: bytes) -> None:
        # Looked at each time: a write that fails would take with it what the client sent before
        # it went, and nobody has read yet.
        if self._gone.is_set() or (self._socket is not None and is_hung_up(self._socket)):
            self._gone.set()
            return
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            self._gone.set()

    async def wait_gone(self) -> None:
        """Wait until the client has closed the connection, or died."""
        await self._gone.wait()

    async def finish(self) -> None:
        """Tell the client that all was sent, and give it time to close first.

        A connection that is closed while input is unread looks broken to the client, which may
        then throw away what it was sent.
        """
        if not self._writer.can_write_eof():
            return
        with contextlib.suppress(OSError):  # it is gone, and so is its input
            self._writer.write_eof()
        await self.input.discard(_LINGER)

    async def close(self) -> None:
        """Let go of the connection; what was sent still arrives."""
        self._watching.cancel()
        await asyncio.wait({self._watching})
        await self.input.close()
        self._writer.close()
