"""One viewer of a running session: its output as events, and its input.

Where output is kept, it is taken from the log, and conmon's socket is only the bell that tells of
more (see `runtime.sessions.kept_output` and `runtime.sessions.doorbell`).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator

from runtime.errors import SessionStateError, StateError
from runtime.kernel.seqpacket import receive, send
from runtime.model import (
    AttachEvent,
    CaughtUp,
    Ended,
    ExecConfig,
    ExecSession,
    Output,
    SizeChanged,
)
from runtime.oci.bundle import ExecBundle
from runtime.protocol.attach import LARGEST_OUTPUT, decode_output, encode_input
from runtime.sessions.doorbell import Doorbell
from runtime.sessions.kept_output import KeptOutput, SizeJournal
from runtime.sessions.viewers import registered

_READ_SIZE = 64 * 1024

BOTH_STREAMS = frozenset({1, 2})

_log = logging.getLogger(__name__)


def attached_streams(config: ExecConfig) -> frozenset[int]:
    """The output streams that a session was created to show."""
    # As in libpod these choices are for sessions without a terminal only.
    if config.terminal:
        return BOTH_STREAMS
    wanted = {1: config.attach_stdout, 2: config.attach_stderr}
    return frozenset(stream for stream, attached in wanted.items() if attached)


class Attachment:
    """A connection to a session. Made by the engine; `close` leaves the session running."""

    def __init__(
        self,
        session: ExecSession,
        bundle: ExecBundle,
        connection: socket.socket,
        settle: Callable[[], Awaitable[int | None]],
        *,
        from_start: bool,
        reports: socket.socket | None = None,
        reported: Callable[[], Awaitable[int | None]] | None = None,
        streams: frozenset[int] = BOTH_STREAMS,
        left: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`settle` is awaited once the output has ended: it records that, and gives the exit code.

        `from_start` tells that the connection was there before the process started: nothing is
        replayed, and nothing is missing. `reports` is the monitor's sync pipe, held open and
        closed in the end; `reported` gives the exit code that comes on it, before it is recorded.
        `streams` are those whose output is wanted.
        `left` is awaited when the viewer leaves before the end.
        """
        self.session_id = session.id
        self._session = session
        self._bundle = bundle
        self._left = left
        self._connection = connection
        self._settle = settle
        self._reported = reported
        self._from_start = from_start
        self._streams = streams
        self._sizes = SizeJournal(bundle.sizes, bundle.kept_output)
        self._stack = contextlib.ExitStack()
        self._stack.callback(connection.close)
        if reports is not None:
            self._stack.callback(reports.close)
        self._stack.enter_context(registered(bundle))
        self._kept = self._open_kept()
        self._writing = asyncio.Lock()
        self._bell: Doorbell | None = None
        self._ended = False
        self._settled = False
        self._closed = False

    @property
    def config(self) -> ExecConfig:
        """What the session runs, and how."""
        return self._session.config

    def _open_kept(self) -> KeptOutput | None:
        try:
            kept = KeptOutput(self._bundle.kept_output)
        except FileNotFoundError:
            return None
        self._stack.callback(kept.close)
        return kept

    async def events(self) -> AsyncGenerator[AttachEvent, None]:
        """Kept output with the sizes it was printed at, CaughtUp, live output, Ended.

        To be iterated once. Not iterating slows the session, but never stops it. The end is told
        of as soon as it is known; by the end of the iteration, or of `close`, it is recorded.
        """
        if self._kept is None:
            yield CaughtUp(truncated=not self._from_start)
            while packet := await receive(self._connection, LARGEST_OUTPUT):
                stream, data = decode_output(packet)
                if stream in self._streams:
                    yield Output(data=data, stream=stream)
        else:
            self._bell = bell = Doorbell(self._connection)
            bell.open()
            try:
                for event in self._replay(self._kept):
                    yield event
                async with contextlib.aclosing(self._live(self._kept, bell)) as outputs:
                    async for output in outputs:
                        yield output
            finally:
                bell.close()
        self._ended = True
        exit_code = await self._reported() if self._reported is not None else None
        if exit_code is not None:
            yield Ended(exit_code=exit_code)
            await self._record_end()
        else:
            yield Ended(exit_code=await self._settle_once())

    async def _settle_once(self) -> int | None:
        self._settled = True
        return await self._settle()

    async def _record_end(self) -> None:
        # That the books are closed must not keep anybody from the exit code, or from leaving.
        try:
            await self._settle_once()
        except StateError as error:
            _log.warning("the end of session %s was not recorded yet: %s", self.session_id, error)

    def _replay(self, kept: KeptOutput) -> Iterator[AttachEvent]:
        """All that was kept up to now; what comes while this is read is live."""
        truncated = False
        if not self._from_start:
            truncated, generation, end = kept.truncated, kept.generation, kept.size()
            for noted_in, offset, size in self._sizes.read():
                if noted_in == generation:
                    yield from _replay_until(kept, min(offset, end))
                yield SizeChanged(size=size)
            yield from _replay_until(kept, end)
        yield CaughtUp(truncated=truncated)

    async def _live(self, kept: KeptOutput, bell: Doorbell) -> AsyncGenerator[Output, None]:
        while True:
            ended = bell.ended  # asked before the log is read: then the log was complete
            bell.clear()
            outputs = kept.read()
            for stream, data in outputs or []:
                yield Output(data=data, stream=stream)
                bell.taken(len(data))
            if outputs is None:
                if ended:
                    return
                await bell.wait()

    async def write(self, data: bytes) -> None:
        """Send input, in order and whole.

        Raises SessionStateError for a session without input, and once the session has ended.
        """
        config = self._session.config
        if not (config.terminal or config.attach_stdin):
            raise SessionStateError(
                f"exec session {self.session_id[:12]} has no input",
                hint="start it with stdin attached",
                session_id=self.session_id,
            )
        async with self._writing:
            try:
                for packet in encode_input(data):
                    await send(self._connection, packet)
            except OSError as error:
                if error.errno not in (errno.EPIPE, errno.ECONNRESET, errno.EBADF, errno.ENOTCONN):
                    raise
                raise SessionStateError(
                    f"exec session {self.session_id[:12]} takes no more input",
                    hint="it has ended, or was left",
                    session_id=self.session_id,
                ) from error

    async def close_stdin(self) -> None:
        """End the input of a session without a terminal; a terminal is sent ctrl-d instead."""
        async with self._writing:
            with contextlib.suppress(OSError):  # it has ended: so has its input
                self._connection.shutdown(socket.SHUT_WR)

    async def close(self) -> None:
        """Leave the session; it goes on. Nobody may be iterating `events` any more."""
        if self._bell is not None:
            self._bell.close()
        self._stack.close()
        if self._closed:
            return
        self._closed = True
        if not self._ended and self._left is not None:
            await self._left()
        elif self._ended and not self._settled:
            await self._record_end()


def _replay_until(kept: KeptOutput, end: int) -> Iterator[Output]:
    while kept.offset < end:
        outputs = kept.read(min(end - kept.offset, _READ_SIZE))
        if outputs is None:
            return
        for stream, data in outputs:
            yield Output(data=data, stream=stream, replay=True)
