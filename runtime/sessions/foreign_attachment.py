"""One viewer of a session that another program began."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

from runtime.model import AttachEvent, Ended, ExecConfig, SessionInfo
from runtime.sessions.attachment import OutputSource
from runtime.sessions.inputs import Input, ViewerInput


class ForeignAttachment:
    """A connection to somebody else's session; `close` leaves the session running.

    `remarks` are sentences about what it cannot do, for the user.
    """

    def __init__(
        self,
        session: SessionInfo,
        output: OutputSource,
        way: Input | str,
        *,
        stack: contextlib.ExitStack,
        ended: Callable[[], Awaitable[int | None]],
        left: Callable[[], Awaitable[None]],
        remarks: tuple[str, ...] = (),
    ) -> None:
        """`way` is where input goes, or the reason why there is none.

        `stack` is closed in the end. `ended` is awaited once the output has ended and gives the
        exit code, None where it is lost; `left` is awaited when the viewer leaves before the end.
        """
        self._input = ViewerInput(session.id, way)
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
        self._ended = False
        self._closed = False

    @property
    def takes_input(self) -> bool:
        """Whether it can be written to."""
        return self._input.possible

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
        await self._input.write(data)

    async def close_stdin(self) -> None:
        """End the input of a session without a terminal, for all; a terminal has ctrl-d."""
        await self._input.end()

    async def close(self) -> None:
        """Leave the session; it goes on. Nobody may be iterating `events` any more."""
        if self._closed:
            return
        self._closed = True
        await self._output.close()
        self._stack.close()
        if not self._ended:
            await self._left()
