"""Detach keys in what is typed: recognised by key, whatever bytes the program wants the key as."""

from __future__ import annotations

import collections

from runtime.protocol.detach_keys import DetachScanner


class DetachKeys:
    """Holds back keys that may be the beginning of the detach keys.

    A program may ask for ctrl-p as an escape sequence instead of the byte 16. So the scanner is
    shown the plain byte, and the bytes meant for the program are held back beside it.
    """

    def __init__(self, keys: bytes) -> None:
        self._scanner = DetachScanner(keys)
        self._held: collections.deque[tuple[int, bytes]] = collections.deque()

    @property
    def detached(self) -> bool:
        """Whether the detach keys were completed."""
        return self._scanner.detached

    @property
    def holds(self) -> bool:
        """Whether keys are held back."""
        return bool(self._held)

    def press(self, data: bytes, plain: bytes) -> bytes:
        """One key: `data` for the program, `plain` as a simple terminal sends it.

        Gives what may be sent on now. A key without a plain form can be no detach key.
        """
        if not plain:
            return self.flush() + data
        self._held.append((len(plain), data))
        return self._release(len(self._scanner.feed(plain)))

    def flush(self) -> bytes:
        """Let go of what is held back: it was not the detach keys."""
        return self._release(len(self._scanner.flush()))

    def _release(self, size: int) -> bytes:
        if self.detached:
            self._held.clear()
            return b""
        released = bytearray()
        while self._held and size >= self._held[0][0]:
            length, data = self._held.popleft()
            size -= length
            released += data
        if size:
            length, data = self._held[0]
            self._held[0] = (length - size, data)
        return bytes(released)
