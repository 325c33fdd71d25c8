"""One viewer of a session that another program began."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import AsyncGenerator, Awaitable, Callable

from runtime.errors import SessionStateError
from runtime.model import AttachEvent, Ended, ExecConfig, SessionInfo
from runtime.sessions.attachment import OutputSource
from runtime.sessions.inputs import Input

_NOBODY_TAKES_IT = (
    *(errno.EPIPE, errno.ECONNRESET, errno.EBADF, errno.ENOTCONN),
    errno.EIO,  # a terminal that was hung up
)


class ForeignAttachment:
    """A connection to somebody else's session; `close` leaves the session running.

    `remarks` are sentences about what it cannot do, for the user.
    """

    def __init__(
        self,
        session: SessionInfo,
        output: OutputSource,
        source: Input | str,
        *,
        stack: contextlib.ExitStack,
        ended: Callable[[], Awaitable[int | None]],
        left: Callable[[], Awaitable[None]],
        remarks: tuple[str, ...] = (),
    ) -> None:
        """`source` is where input goes, or the reason why there is none.

        `stack` is closed in the end. `ended` is awaited once the output has ended and gives the
        exit code, None where it is lost; `left` is awaited when the viewer leaves before the end.
        """
        self._source = source
        self.session_id = session.id
        self.remarks = remarks
        self.config = ExecConfig(
            command=session.command,
            terminal=session.tty,
            attach_stdin=self.takes_input,
            attach_stdout=True,
            attach_stderr=True,
            user=session.user,
        )
        self._output = output
        self._stack = stack
        self._end = ended
        self._left = left
        self._writing = asyncio.Lock()
        self._ended = False
        self._closed = False

    @property
    def takes_input(self) -> bool:
        """Whether it can be written to."""
        return not isinstance(self._source, str)

    async def events(self) -> AsyncGenerator[AttachEvent, None]:
        """CaughtUp, for nothing is replayed, live output, Ended. To be iterated once.

        CaughtUp comes once more where some output was lost on the way.
        """
        async with contextlib.aclosing(self._output.events()) as outputs:
            async for output in outputs:
                yield output
        exit_code = await self._end()
        self._ended = True
        yield Ended(exit_code=exit_code)

    async def write(self, data: bytes) -> None:
        """Send input, in order and whole.

        Raises SessionStateError where the session takes none (any more).
        """
        if isinstance(self._source, str):
            raise self._takes_none(self._source)
        async with self._writing:
            try:
                await self._source.write(data)
            except OSError as error:
                if error.errno not in _NOBODY_TAKES_IT:
                    raise
                raise self._takes_none("it has ended, or was left") from error

    def _takes_none(self, reason: str) -> SessionStateError:
        return SessionStateError(
            f"exec session {self.session_id[:24]} takes no input",
            hint=reason,
            session_id=self.session_id,
        )

    async def close_stdin(self) -> None:
        """End the input of a session without a terminal, for all; a terminal has ctrl-d."""
        if not isinstance(self._source, str):
            async with self._writing:
                await self._source.end()

    async def close(self) -> None:
        """Leave the session; it goes on. Nobody may be iterating `events` any more."""
        if self._closed:
            return
        self._closed = True
        await self._output.close()
        self._stack.close()
        if not self._ended:
            await self._left()
