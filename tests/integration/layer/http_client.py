"""An HTTP client whose exec start was hijacked: the other end of a real socket pair."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from runtime.engine import Engine
from runtime.model import HTTPAttachResult
from runtime.protocol.hijack import HijackRequest
from runtime.protocol.stdcopy import FrameDecoder

PATIENCE = 30.0
UPGRADE = HijackRequest(upgrade="tcp")


class Served:
    """A session that is served to us: `task` is the server's side, the rest is the client's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.head = b""

    async def open(self, session_id: str, request: HijackRequest, **options: Any) -> None:
        ours, theirs = socket.socketpair()
        self.reader, self.writer = await asyncio.open_connection(sock=ours)
        self.server = await asyncio.open_connection(sock=theirs)
        self.task: asyncio.Task[HTTPAttachResult] = asyncio.create_task(
            self._engine.exec_http_start_and_attach(session_id, self.server, request, **options)
        )

    async def read_head(self) -> bytes:
        """The response head, or what came of it."""
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(asyncio.IncompleteReadError):
                self.head = await self.reader.readuntil(b"\r\n\r\n")
        return self.head

    async def wait_for(self, text: bytes) -> bytes:
        """Read until `text` was printed (in a terminal's raw stream)."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(text)

    async def rest(self) -> bytes:
        """All that comes until the server stops writing."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def frames(self) -> dict[int, bytes]:
        """The same of a framed stream, by stream."""
        decoder, found = FrameDecoder(), {1: b"", 2: b""}
        for stream, data in decoder.feed(await self.rest()):
            found[stream] += data
        assert not decoder.incomplete
        return found

    async def result(self) -> HTTPAttachResult:
        """Close our end, and what the server makes of it all."""
        self.writer.close()
        async with asyncio.timeout(PATIENCE):
            return await self.task

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        for writer in (self.writer, self.server[1]):
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


Serve = Callable[..., Awaitable[Served]]


@contextlib.asynccontextmanager
async def serving(engine: Engine) -> AsyncIterator[Serve]:
    """Gives `await serve(session_id, UPGRADE, size=…)`, and ends what is left of it."""
    made: list[Served] = []

    async def serve(session_id: str, request: HijackRequest = UPGRADE, **options: Any) -> Served:
        made.append(Served(engine))
        await made[-1].open(session_id, request, **options)
        return made[-1]

    yield serve
    for each in made:
        await each.close()
