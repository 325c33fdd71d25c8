"""A session in the foreground: its output on our terminal, our keys into it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from app.cli.invocation import CommandEngine
from app.cli.keyboard import DescriptorInput
from app.cli.output_writer import OutputClosedError, OutputWriter
from app.cli.screen_modes import ScreenModes
from app.cli.terminal import raw_mode, terminal_size
from app.ports import AttachmentPort
from runtime.errors import ExectopError
from runtime.model import CaughtUp, Ended, Output, SizeChanged, TerminalSize
from runtime.protocol.detach_keys import DetachScanner
from runtime.sessions.input import forward_input

if TYPE_CHECKING:
    from app.cli.replay import ScreenReplay

_END_OF_INPUT = b"\x04"
_LAST_WORDS = 1.0


class Streams(msgspec.Struct, frozen=True, kw_only=True):
    """The descriptors a session is connected to; `stdin` None is never read."""

    stdin: int | None = 0
    stdout: int = 1
    stderr: int = 2


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How the session is connected.

    `takes_input` tells whether what is typed is passed on, or only looked through for the
    detach keys; `ends_input` whether the end of our input is, as end of file, or for a terminal
    as ctrl-d. `replay` paints kept output through an emulator instead of printing it.
    """

    tty: bool
    detach_keys: bytes
    takes_input: bool = True
    ends_input: bool = True
    replay: bool = False


def standard_input(manner: Manner) -> int | None:
    """Our stdin, if it is to be read: to pass it on, or to look for the detach keys in it."""
    return 0 if manner.takes_input or (manner.tty and os.isatty(0)) else None


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How it came to an end: left by the detach keys, or ended with this exit code."""

    left: bool = False
    exit_code: int | None = None


class Foreground:
    """Connects one attachment with the streams until the session ends or is left."""

    def __init__(
        self,
        engine: CommandEngine,
        attachment: AttachmentPort,
        streams: Streams,
        manner: Manner,
    ) -> None:
        self._engine = engine
        self._attachment = attachment
        self._streams = streams
        self._manner = manner
        self._writer = OutputWriter()
        self._modes = ScreenModes()
        # Asked now: a terminal that was closed meanwhile would deny that it is one.
        self._typed = streams.stdin is not None and os.isatty(streams.stdin)
        self._size_changed = asyncio.Event()
        self._repaint = False
        self._replay: ScreenReplay | None = None
        if manner.replay and manner.tty and os.isatty(streams.stdout):
            from app.cli.replay import ScreenReplay  # the emulator takes a moment to import

            self._replay = ScreenReplay(terminal_size(streams.stdout))

    async def run(self, session_id: str) -> Ending:
        """Run until the session ends or the detach keys are typed.

        Raises OutputClosedError when our output has no reader any more.
        """
        with self._raw(), self._window_changes():
            output = asyncio.ensure_future(self._show_output())
            size = asyncio.ensure_future(self._follow_size(session_id))
            try:
                return await self._race(output)
            finally:
                await _cancel(output, size)
                await self._undo_modes()

    async def _race(self, output: asyncio.Future[Ending]) -> Ending:
        if self._streams.stdin is None:
            return await output
        typed = asyncio.ensure_future(self._take_input(self._streams.stdin))
        try:
            both: set[asyncio.Future[Any]] = {output, typed}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not output.done() and typed.result():
                return Ending(left=True)
            return await output
        finally:
            await _cancel(typed)

    async def _show_output(self) -> Ending:
        async for event in self._attachment.events():
            if isinstance(event, Output):
                await self._show(event)
            elif isinstance(event, SizeChanged):
                if self._replay:
                    self._replay.resize(event.size)
            elif isinstance(event, CaughtUp):
                self._repaint = event.truncated
                await self._paint()
            elif isinstance(event, Ended):
                await self._paint()
                await self._writer.drain()
                return Ending(exit_code=event.exit_code)
        return Ending()

    async def _show(self, output: Output) -> None:
        if self._replay and output.replay:
            self._replay.feed(output.data)
            return
        if self._manner.tty:
            self._modes.feed(output.data)
        descriptor = self._streams.stderr if output.stream == 2 else self._streams.stdout
        await self._writer.write(descriptor, output.data)

    async def _paint(self) -> None:
        if self._replay:
            painting, self._replay = self._replay.paint(), None
            self._modes.feed(painting)
            await self._writer.write(self._streams.stdout, painting)
            # The session still has the size of the terminal it was left in.
            self._size_changed.set()

    async def _take_input(self, descriptor: int) -> bool:
        keys = self._manner.detach_keys if self._manner.tty else b""
        # A session that ended meanwhile takes no input; its output tells so.
        with contextlib.suppress(ExectopError):
            source = DescriptorInput(descriptor)
            if await forward_input(source, DetachScanner(keys), self._forward):
                return True
            if self._manner.ends_input and not self._manner.tty:
                await self._attachment.close_stdin()
            elif self._manner.ends_input and not self._typed:
                await self._attachment.write(_END_OF_INPUT)
        return False

    async def _forward(self, data: bytes) -> None:
        if self._manner.takes_input:
            await self._attachment.write(data)

    @contextlib.contextmanager
    def _raw(self) -> Iterator[None]:
        stdin = self._streams.stdin
        if self._manner.tty and stdin is not None and self._typed:
            with raw_mode(stdin, keep_signals=not self._manner.takes_input):
                yield
        else:
            yield

    @contextlib.contextmanager
    def _window_changes(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGWINCH, self._size_changed.set)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGWINCH)

    async def _follow_size(self, session_id: str) -> None:
        while True:
            await self._size_changed.wait()
            self._size_changed.clear()  # of several changes only the newest counts
            if self._manner.tty:
                # A session that ended meanwhile has no size; its output tells so.
                with contextlib.suppress(ExectopError):
                    for size in self._sizes():
                        await self._engine.exec_resize(session_id, size)

    def _sizes(self) -> list[TerminalSize]:
        """The size to set; where output is missing, by a detour, so that programs draw anew."""
        size = terminal_size(self._streams.stdout, 0)
        if not self._repaint:
            return [size]
        self._repaint = False
        return [msgspec.structs.replace(size, rows=size.rows + 1), size]

    async def _undo_modes(self) -> None:
        # A reader that is gone, or a terminal that is held, has no use for it.
        with contextlib.suppress(OutputClosedError, TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await self._writer.write(self._streams.stdout, self._modes.undo())
                await self._writer.drain()


async def _cancel(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
