"""Running a command from its creation to its end in one call (libpod Exec and health checks)."""

from __future__ import annotations

import asyncio
import contextlib

from runtime.errors import ExecTimeoutError
from runtime.model import Ended, ExecResult, Output
from runtime.sessions.attachment import Attachment


class Gathering:
    """Takes what a session prints, up to `limit` bytes of each stream."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._streams = {1: bytearray(), 2: bytearray()}
        self._truncated = False
        self._exit_code: int | None = None

    async def run(self, attachment: Attachment) -> None:
        """Until the session has ended."""
        async for event in attachment.events():
            if isinstance(event, Output):
                self._take(event)
            elif isinstance(event, Ended):
                self._exit_code = event.exit_code
                return  # closing the attachment records it

    def _take(self, output: Output) -> None:
        kept = self._streams[output.stream]
        room = self._limit - len(kept)
        kept += output.data[:room]
        self._truncated = self._truncated or len(output.data) > room

    @property
    def result(self) -> ExecResult:
        """What was gathered."""
        return ExecResult(
            exit_code=self._exit_code,
            stdout=bytes(self._streams[1]),
            stderr=bytes(self._streams[2]),
            truncated=self._truncated,
        )


async def run_to_end(
    attachment: Attachment, stdin: bytes, *, timeout: float | None, limit: int
) -> ExecResult:
    """Feed `stdin`, gather the output, wait for the end.

    Raises ExecTimeoutError when it takes longer than `timeout` seconds; the session runs on then.
    """
    gathering = Gathering(limit)
    feeding = asyncio.create_task(_feed(attachment, stdin))
    try:
        async with asyncio.timeout(timeout):
            await gathering.run(attachment)
    except TimeoutError as error:
        raise ExecTimeoutError(
            f"the command took longer than {timeout:g} s",
            hint="give it more time, or look at what it waits for",
            session_id=attachment.session_id,
        ) from error
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding
    return gathering.result


async def _feed(attachment: Attachment, stdin: bytes) -> None:
    if stdin:
        await attachment.write(stdin)
    await attachment.close_stdin()
