"""One attached session on the worker's side: events out as messages, input and sizes in, in order.

Output is bounded: once `WINDOW` bytes are under way to the screen, no more events are pulled
until some were acknowledged. Input is never dropped. Of several sizes only the newest is set.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import msgspec

from app.commands import CloseInput, Command, Resize, Write
from app.messages import (
    AttachmentEnded,
    Detached,
    OutputArrived,
    ReplayDone,
    ReplaySize,
    WorkerMessage,
)
from app.ports import AttachmentPort, EnginePort
from runtime.errors import ExectopError
from runtime.model import AttachEvent, CaughtUp, Ended, Output, SizeChanged, TerminalSize

WINDOW = 256 * 1024
LAST_INPUT = 1.0

Post = Callable[[WorkerMessage], None]
Report = Callable[[Command, BaseException], None]


class Viewer:
    """The worker's half of one attachment, from the request until it ended or was left."""

    def __init__(self, number: int, size: TerminalSize, post: Post, report: Report) -> None:
        self.number = number
        self.session_id = ""
        self.size = size
        self.applied_size: TerminalSize | None = None
        self.leaving = asyncio.Event()
        self._post = post
        self._report = report
        self._input = bytearray()
        self._input_closed = False
        self._repaint = False
        self._size_changed = asyncio.Event()
        self._size_changed.set()
        self._to_send = asyncio.Event()
        self._to_send.set()
        self._sent = asyncio.Event()
        self._sent.set()
        self._unacknowledged = 0
        self._room = asyncio.Event()
        self._room.set()

    # -- what the screen asks; never waits

    def write(self, data: bytes) -> None:
        """Queue input; also before the session is up."""
        self._input += data
        self._sent.clear()
        self._to_send.set()

    def close_input(self) -> None:
        """End of input, after what is queued."""
        self._input_closed = True
        self._to_send.set()

    def resize(self, size: TerminalSize) -> None:
        """Set the terminal's size as soon as possible; a newer one replaces it."""
        self.size = size
        self._size_changed.set()

    def acknowledge(self, size: int) -> None:
        """The screen took that much."""
        self._unacknowledged -= size
        if self._unacknowledged < WINDOW:
            self._room.set()

    def leave(self) -> None:
        """Detach: the session goes on."""
        self.leaving.set()

    # -- the work

    async def run(self, engine: EnginePort, attachment: AttachmentPort, *, tty: bool) -> None:
        """Carry events and input until the session ended or was left; always closes."""
        # A size never waits for input: a program that reads nothing may be waiting to draw anew.
        sizer = asyncio.create_task(self._follow_size(engine if tty else None))
        sender = asyncio.create_task(self._send(attachment))
        receiver = asyncio.create_task(self._receive(attachment))
        leaving = asyncio.create_task(self.leaving.wait())
        try:
            tasks = {receiver, leaving, sender, sizer}
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in (receiver, sender, sizer):
                if task.done():
                    task.result()
            if self.leaving.is_set():
                await self._wait_input_sent()
        finally:
            await _cancel(sizer, sender, receiver, leaving)
            await attachment.close()
        if self.leaving.is_set():
            self._post(Detached(self.number, self.session_id))

    async def _receive(self, attachment: AttachmentPort) -> None:
        async for event in attachment.events():
            await self._room.wait()
            self._tell(event)
            if isinstance(event, Ended):
                self.leaving.clear()
                return
        # An attachment that stops without saying so: the session's end is not known here.
        self._post(AttachmentEnded(self.number, None))

    def _tell(self, event: AttachEvent) -> None:
        match event:
            case Output(data=data, replay=replay):
                self._unacknowledged += len(data)
                if self._unacknowledged >= WINDOW:
                    self._room.clear()
                self._post(OutputArrived(self.number, data, replay=replay))
            case SizeChanged(size=size):
                self._post(ReplaySize(self.number, size))
            case CaughtUp(truncated=truncated):
                if truncated:
                    self._repaint = True
                    self._size_changed.set()
                self._post(ReplayDone(self.number, truncated=truncated))
            case Ended(exit_code=exit_code):
                self._post(AttachmentEnded(self.number, exit_code))

    async def _wait_input_sent(self) -> None:
        """What was typed before the detach keys still goes; a stuck program is not waited for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_INPUT):
                await self._sent.wait()

    async def _follow_size(self, engine: EnginePort | None) -> None:
        while True:
            await self._size_changed.wait()
            self._size_changed.clear()
            if engine is not None:
                await self._send_size(engine)

    async def _send(self, attachment: AttachmentPort) -> None:
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            while self._input:
                data = bytes(self._input)
                self._input.clear()
                await self._attempt(Write(self.number, data), attachment.write(data))
            self._sent.set()
            if self._input_closed:
                self._input_closed = False
                await self._attempt(CloseInput(self.number), attachment.close_stdin())

    async def _send_size(self, engine: EnginePort) -> None:
        """Set the size; where output is missing, by a detour, so that programs draw anew."""
        sizes = [self.size] if self.size != self.applied_size else []
        if self._repaint:
            self._repaint = False
            other = msgspec.structs.replace(self.size, rows=self.size.rows + 1)
            sizes = [other, self.size]
        self.applied_size = self.size
        for size in sizes:
            await self._attempt(
                Resize(self.number, size), engine.exec_resize(self.session_id, size)
            )

    async def _attempt(self, command: Command, step: Awaitable[None]) -> None:
        """One step of sending: its failure is told, and does not stop what comes after."""
        try:
            await step
        except (ExectopError, OSError) as error:
            self._report(command, error)


async def _cancel(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
