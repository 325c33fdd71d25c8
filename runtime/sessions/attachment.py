"""One viewer of a running session: its output as events, and its input.

Where output is kept, it is taken from the log (see `runtime.sessions.logged_output`), and the
socket is emptied whether or not the viewer keeps up: conmon waits for every connected viewer, so
one that reads nothing would stop the session. Elsewhere output comes from the socket alone.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Protocol

from runtime.errors import StateError
from runtime.kernel.seqpacket import receive
from runtime.model import AttachEvent, CaughtUp, Ended, ExecConfig, ExecSession, Output
from runtime.oci.bundle import ExecBundle
from runtime.protocol.attach import LARGEST_OUTPUT, decode_output
from runtime.sessions.doorbell import Doorbell
from runtime.sessions.inputs import SocketInput, ViewerInput
from runtime.sessions.kept_output import KeptOutput, SizeJournal
from runtime.sessions.logged_output import LoggedOutput, OutputEvent
from runtime.sessions.viewers import registered

BOTH_STREAMS = frozenset({1, 2})

_log = logging.getLogger(__name__)


def attached_streams(config: ExecConfig) -> frozenset[int]:
    """The output streams that a session was created to show."""
    # As in libpod these choices are for sessions without a terminal only.
    if config.terminal:
        return BOTH_STREAMS
    wanted = {1: config.attach_stdout, 2: config.attach_stderr}
    return frozenset(stream for stream, attached in wanted.items() if attached)


class OutputSource(Protocol):
    """Where a viewer's output comes from."""

    def events(self) -> AsyncGenerator[OutputEvent, None]:
        """All of it; to be iterated once."""

    async def close(self) -> None:
        """Stop; nobody may be iterating any more."""


class AnyAttachment(Protocol):
    """A viewer of a session, whoever began that.

    `remarks` are sentences about what it cannot do, for the user.
    """

    session_id: str
    remarks: tuple[str, ...]

    @property
    def config(self) -> ExecConfig:
        """What the session runs, and how, as far as that is known."""

    @property
    def takes_input(self) -> bool:
        """Whether it can be written to."""

    def events(self) -> AsyncGenerator[AttachEvent, None]:
        """What it prints, and its end; to be iterated once."""

    async def write(self, data: bytes) -> None:
        """Send input. Raises SessionStateError where it takes none."""

    async def close_stdin(self) -> None:
        """End the input of a session without a terminal."""

    async def close(self) -> None:
        """Leave it; it goes on. Nobody may be iterating any more."""


class SocketOutput:
    """Output that is not kept: what conmon sends, from when the viewer connected."""

    def __init__(
        self, connection: socket.socket, streams: frozenset[int], *, from_start: bool
    ) -> None:
        self._connection = connection
        self._streams = streams
        self._from_start = from_start

    async def events(self) -> AsyncGenerator[OutputEvent, None]:
        """See `OutputSource`."""
        yield CaughtUp(truncated=not self._from_start)
        while packet := await receive(self._connection, LARGEST_OUTPUT):
            stream, data = decode_output(packet)
            if stream in self._streams:
                yield Output(data=data, stream=stream)

    async def close(self) -> None:
        """See `OutputSource`."""


class Attachment:
    """A connection to a session. Made by the engine; `close` leaves the session running."""

    remarks: tuple[str, ...] = ()

    def __init__(
        self,
        session: ExecSession,
        bundle: ExecBundle,
        connection: socket.socket,
        kept: KeptOutput | None,
        *,
        settle: Callable[[], Awaitable[int | None]],
        left: Callable[[], Awaitable[None]] | None = None,
        from_start: bool,
        reports: socket.socket | None = None,
        reported: Callable[[], Awaitable[int | None]] | None = None,
        streams: frozenset[int] = BOTH_STREAMS,
    ) -> None:
        """`settle` is awaited once the output has ended: it records that, and gives the exit code.
        `left` is awaited when the viewer leaves before the end.

        `kept` is the log, opened before the connection was made, or None where there is none.
        `from_start` tells that the connection was there before the process started: nothing is
        replayed, and nothing is missing. `reports` is the monitor's sync pipe, held open and
        closed in the end; `reported` gives the exit code that comes on it, before it is recorded.
        `streams` are those whose output is wanted, where it is not kept.
        """
        self.session_id = session.id
        self._session = session
        self._left = left
        takes_input = session.config.terminal or session.config.attach_stdin
        self._input = ViewerInput(
            session.id,
            SocketInput(lambda: connection) if takes_input else "start it with stdin attached",
        )
        self._settle = settle
        self._reported = reported
        self._stack = contextlib.ExitStack()
        self._stack.callback(connection.close)
        if reports is not None:
            self._stack.callback(reports.close)
        registration = self._stack.enter_context(registered(bundle))
        self._output: OutputSource
        if kept is None:
            self._output = SocketOutput(connection, streams, from_start=from_start)
        else:
            self._stack.callback(kept.close)
            sizes = SizeJournal(bundle.sizes, bundle.kept_output)
            bell = Doorbell(bundle, connection, registration)
            self._output = LoggedOutput(kept, sizes, bell, from_start=from_start)
        self._ended = False
        self._settled = False
        self._closed = False

    @property
    def config(self) -> ExecConfig:
        """What the session runs, and how."""
        return self._session.config

    @property
    def takes_input(self) -> bool:
        """Whether it can be written to."""
        return self._input.possible

    async def events(self) -> AsyncGenerator[AttachEvent, None]:
        """Kept output with the sizes it was printed at, CaughtUp, live output, Ended.

        To be iterated once. Where output is kept, not iterating slows the session, but never
        stops it. CaughtUp comes once more where some output was lost on the way. The end is told
        of as soon as it is known; by the end of the iteration, or of `close`, it is recorded.
        """
        async with contextlib.aclosing(self._output.events()) as outputs:
            async for output in outputs:
                yield output
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

    async def write(self, data: bytes) -> None:
        """Send input, in order and whole.

        Raises SessionStateError for a session without input, and once the session has ended.
        """
        await self._input.write(data)

    async def close_stdin(self) -> None:
        """End the input of a session without a terminal; a terminal is sent ctrl-d instead."""
        await self._input.end()

    async def close(self) -> None:
        """Leave the session; it goes on. Nobody may be iterating `events` any more."""
        if self._closed:
            return
        self._closed = True
        await self._output.close()
        self._stack.close()
        if self._ended and not self._settled:
            await self._record_end()
        elif not self._ended and self._left is not None:
            await self._left()
