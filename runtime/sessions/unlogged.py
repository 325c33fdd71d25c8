"""What conmon sent to a viewer, until the viewer has seen it in the log.

conmon logs each piece of output, and then sends it, even if it could not be logged: the disk may
be full. Both hold the same bytes in the same order. So once the log was read to its end and holds
less than had been sent before, the difference is missing there: the newest of it, where the
viewer keeps up.
"""

from __future__ import annotations

import collections


class Unlogged:
    """Keeps the newest `limit` bytes of what was sent and not yet seen."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: collections.deque[tuple[int, bytes]] = collections.deque()
        self._begin = 0  # the place of the first piece among all bytes that were sent
        self._sent = 0
        self._seen = 0
        self._counts = True

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
        self._drop_seen()

    def saw(self, size: int) -> None:
        """The viewer has seen that many more bytes."""
        self._seen += size
        self._drop_seen()

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
