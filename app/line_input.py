"""Typing into a session without a terminal: lines are edited here, as a terminal driver would.

Such a program reads from a pipe. Nobody echoes, erases or ends the input for it, so that is done on
this side, and whole lines are sent.
"""

from __future__ import annotations

import dataclasses

ERASE = (b"\x7f", b"\x08")
KILL = b"\x15"
END = b"\x04"


@dataclasses.dataclass(frozen=True, slots=True)
class Typed:
    """What a key leads to: something to show, something to send, the end of input."""

    echo: bytes = b""
    send: bytes = b""
    end: bool = False


class LineInput:
    """One line under way."""

    def __init__(self) -> None:
        self._line = ""

    def press(self, data: bytes) -> Typed:
        """One key, or a paste. Keys that a line has no use for are ignored."""
        if data == END:
            line, self._line = self._line, ""
            return Typed(send=line.encode(), end=not line)
        if data in ERASE:
            return self._erase(1)
        if data == KILL:
            return self._erase(len(self._line))
        text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("utf-8", "replace")
        if not all(char.isprintable() or char in "\n\t" for char in text):
            return Typed()
        self._line += text
        whole, newline, rest = self._line.rpartition("\n")
        self._line = rest
        return Typed(echo=text.encode(), send=(whole + newline).encode())

    def _erase(self, count: int) -> Typed:
        count = min(count, len(self._line))
        self._line = self._line[: len(self._line) - count]
        return Typed(echo=b"\b \b" * count)
