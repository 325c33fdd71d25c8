"""Detach keys among the keys that are typed, whatever bytes a program wants a key as."""

from __future__ import annotations

import collections

from app.keys import Key
from runtime.protocol.detach_keys import DetachScanner


class DetachKeys:
    """Holds back keys that may be the beginning of the detach keys.

    A program may ask for ctrl-p as an escape sequence instead of the byte 16. So the scanner is
    shown what the simplest terminal sends, and the keys themselves are held back beside it.
    """

    def __init__(self, keys: bytes) -> None:
        self._scanner = DetachScanner(keys)
        self._held: collections.deque[tuple[int, Key]] = collections.deque()

    @property
    def holds(self) -> bool:
        """Whether keys are held back."""
        return bool(self._held)

    def press(self, key: Key) -> tuple[list[Key], bool]:
        """One key: the keys that may be sent on now, and whether the detach keys are complete.

        A key without a plain form can be no detach key.
        """
        plain = key.plain
        if not plain:
            return [*self.flush(), key], False
        self._held.append((len(plain), key))
        released = self._release(len(self._scanner.feed(plain)))
        if not self._scanner.detached:
            return released, False
        self._held.clear()
        self._scanner.detached = False
        return released, True

    def flush(self) -> list[Key]:
        """Let go of what is held back: it was not the detach keys."""
        return self._release(len(self._scanner.flush()))

    def _release(self, size: int) -> list[Key]:
        released = []
        while self._held and size >= self._held[0][0]:
            length, key = self._held.popleft()
            size -= length
            released.append(key)
        if size:
            length, key = self._held[0]
            self._held[0] = (length - size, key)
        return released
