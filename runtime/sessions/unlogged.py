"""What conmon sent to a viewer, until the viewer has seen it in the log.

conmon logs each piece of output, and then sends it, even if it could not be logged: the disk may
be full. Both hold the same bytes in the same order. So once the log was read to its end and holds
less than had been sent before, the difference is missing there: the newest of it, where the
viewer keeps up. One that is a moment behind may find in the log what came after a gap; what was
sent tells it from what is missing.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator


class Unlogged:
    """Keeps the newest `limit` bytes of what was sent and not yet seen."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: collections.deque[tuple[int, bytes]] = collections.deque()
        self._begin = 0  # the place of the first piece among all bytes that were sent
        self._sent = 0
        self._seen = 0
        self._counts = True
        self._aligned = False

    def align(self) -> None:
        """All that is sent is told here, and the log holds no byte of before.

        So what the log has next must be what was sent next, unless that is missing.
        """
        self._aligned = True

    @property
    def sent(self) -> int:
        """How many bytes were sent so far."""
        return self._sent

    @property
    def behind(self) -> int:
        """How many of them were not seen yet."""
        return max(self._sent - self._seen, 0)

    def add(self, stream: int, data: bytes) -> None:
        """More was sent."""
        self._sent += len(data)
        if self._counts:
            self._pieces.append((stream, data))
        while self._pieces and self._sent - self._begin > self._limit:
            self._drop_first()
            # The log may have lost as much meanwhile: from now on its bytes have no certain place.
            self._aligned = self._aligned and self._begin <= self._seen
        self._drop_seen()

    def saw(self, size: int) -> None:
        """The viewer has seen that many more bytes."""
        self._seen += size
        self._drop_seen()

    def merged(self, stream: int, data: bytes) -> Iterator[tuple[int, bytes]]:
        """More of the log, with what was sent before or within it and is not there.

        All of it counts as seen. Both are right once all that the log holds was sent, too; before
        that, of bytes after a gap, nobody can tell which of equal ones they are.
        """
        while data:
            agreeing = self._agreeing(data)
            if agreeing:
                yield stream, data[:agreeing]
                self.saw(agreeing)
                data = data[agreeing:]
            else:
                yield from self._until(data[:1])

    def _agreeing(self, data: bytes) -> int:
        """How many bytes of `data` are what was sent next, or what is yet to come."""
        if not self._aligned:
            return len(data)
        place, offset = 0, self._seen - self._begin
        for _, piece in self._pieces:
            mine, its = data[place : place + len(piece) - offset], piece[offset:]
            if not its.startswith(mine):
                pairs = enumerate(zip(mine, its, strict=False))
                return place + next(at for at, (one, other) in pairs if one != other)
            place, offset = place + len(mine), 0
            if place == len(data):
                break
        return len(data)

    def _until(self, byte: bytes) -> Iterator[tuple[int, bytes]]:
        """What was sent from the next place on, up to where that byte was."""
        found = False
        while self._pieces and not found:
            stream, piece = self._pieces[0]
            offset = self._seen - self._begin
            end = piece.find(byte, offset)
            found, end = end >= 0, end if end >= 0 else len(piece)
            if end > offset:
                yield stream, piece[offset:end]
                self.saw(end - offset)

    def stop_counting(self) -> None:
        """Some was sent to others only: from now on nothing is known to be missing."""
        self._counts = False
        self._pieces.clear()
        self._begin = self._sent

    def take_missing(self, sent: int) -> tuple[list[tuple[int, bytes]], bool]:
        """What of the first `sent` bytes was not seen, when the log has no more of it.

        It counts as seen then. The second value tells whether all of it was still kept.
        """
        if self._seen >= sent:
            return [], True
        if not self._counts:
            self._seen = sent
            return [], True
        whole = self._begin <= self._seen
        missing = []
        while self._seen < sent and self._pieces:
            stream, data = self._pieces[0]
            missing.append((stream, data[max(self._seen - self._begin, 0) :]))
            self._seen = self._begin + len(data)
            self._drop_first()
        self._seen = max(self._seen, sent)
        return missing, whole

    def _drop_first(self) -> None:
        self._begin += len(self._pieces.popleft()[1])

    def _drop_seen(self) -> None:
        while self._pieces and self._begin + len(self._pieces[0][1]) <= self._seen:
            self._drop_first()
        if not self._pieces:
            self._begin = self._sent
