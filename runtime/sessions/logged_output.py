"""A viewer's output where it is kept: what was printed before, then what is printed now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator

from runtime.model import CaughtUp, Output, SizeChanged
from runtime.sessions.doorbell import Doorbell
from runtime.sessions.kept_output import KeptOutput, SizeJournal

OutputEvent = Output | SizeChanged | CaughtUp


class LoggedOutput:
    """Follows the log, rung for by conmon's socket."""

    def __init__(
        self, kept: KeptOutput, sizes: SizeJournal, bell: Doorbell, *, from_start: bool
    ) -> None:
        """`kept` was opened before the socket was connected, or the process started after that.

        The latter is `from_start`: then nothing is replayed, and nothing is missing. The caller
        closes `kept`, after this.
        """
        self._kept = kept
        self._sizes = sizes
        self._bell = bell
        self._from_start = from_start
        self._caught_up_in = kept.generation
        if from_start:
            bell.unlogged.align()

    async def events(self) -> AsyncGenerator[OutputEvent, None]:
        """Kept output with the sizes it was printed at, CaughtUp, live output."""
        for event in self._replay():
            yield event
            self._bell.moved()
            await asyncio.sleep(0)  # long replays let others go on
        while True:
            # Asked before the log is read: what they tell of is in the log by then.
            ended, sent = self._bell.ended, self._bell.unlogged.sent
            self._bell.clear()
            outputs = self._kept.read()
            for event in self._logged(outputs) if outputs is not None else self._missing(sent):
                yield event
                self._bell.moved()
            if outputs is None and ended:
                return
            # After the end nothing rings any more.
            if outputs is None or (not ended and self._is_level()):
                await self._bell.wait()

    def _is_level(self) -> bool:
        """Whether the viewer has all that it was told of, so that only a ring can bring more.

        Asking the log again instead would be right, too, but is what an echo would wait for.
        """
        bell = self._bell
        if not self._kept.at_end or bell.unlogged.behind or bell.was_cut_off:
            return False
        self._caught_up_in = self._kept.generation
        return True

    async def close(self) -> None:
        """Stop following; nobody may be iterating any more."""
        await self._bell.close()

    def _replay(self) -> Iterator[OutputEvent]:
        """All that was kept up to now; what comes while this is read is live."""
        if self._from_start:
            yield CaughtUp()
            return
        kept = self._kept
        truncated, generation, end = kept.truncated, kept.generation, kept.size()
        for noted_in, offset, size in self._sizes.read():
            if noted_in == generation:
                yield from self._replay_until(min(offset, end))
            yield SizeChanged(size=size)
        yield from self._replay_until(end)
        yield CaughtUp(truncated=truncated)

    def _replay_until(self, end: int) -> Iterator[Output]:
        while self._kept.offset < end:
            is_new = self._kept.is_new
            outputs = self._kept.read_before(end)
            if outputs is None:
                return
            for stream, data in outputs:
                yield Output(data=data, stream=stream, replay=True)
                if is_new:
                    self._bell.unlogged.saw(len(data))

    def _logged(self, outputs: list[tuple[int, bytes]]) -> Iterator[OutputEvent]:
        for stream, data in outputs:
            for origin, part in self._bell.unlogged.merged(stream, data):
                yield Output(data=part, stream=origin)

    def _missing(self, sent: int) -> Iterator[OutputEvent]:
        """What conmon could not log of the first `sent` bytes; the log was read to its end."""
        missing, whole = self._bell.unlogged.take_missing(sent)
        if missing:
            self._kept.drop_torn()
        for stream, data in missing:
            yield Output(data=data, stream=stream)
        if self._bell.was_cut_off:
            # More than one new log may have been begun meanwhile.
            whole = whole and self._kept.generation == self._caught_up_in
            self._bell.was_cut_off = False
        self._caught_up_in = self._kept.generation
        if not whole:
            yield CaughtUp(truncated=True)
