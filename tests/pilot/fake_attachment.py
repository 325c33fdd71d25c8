"""A scripted double of an attachment to a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from runtime.model import AttachEvent, Ended, ExecConfig, Output


class FakeAttachment:
    """A session one types into: remembers the input, and prints what the test says."""

    def __init__(self, session_id: str, events: list[AttachEvent]) -> None:
        self.session_id = session_id
        self.remarks: tuple[str, ...] = ()
        self.takes_input = True
        self.config = ExecConfig(command=["sh"], terminal=True)
        self.written = bytearray()
        self.stdin_closed = False
        self.closed = False
        self.pulled = 0
        self.write_error: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[AttachEvent] = asyncio.Queue()
        for event in events:
            self._events.put_nowait(event)

    def emit(self, *events: AttachEvent) -> None:
        """Let the session say something; from any thread."""
        for event in events:
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    def print(self, data: bytes) -> None:
        """Let the session print something."""
        self.emit(Output(data=data))

    async def events(self) -> AsyncIterator[AttachEvent]:
        while True:
            event = await self._events.get()
            self.pulled += 1
            yield event
            if isinstance(event, Ended):
                return

    async def write(self, data: bytes) -> None:
        if self.write_error is not None:
            raise self.write_error
        self.written += data

    async def close_stdin(self) -> None:
        self.stdin_closed = True

    async def close(self) -> None:
        self.closed = True
