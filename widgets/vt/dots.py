"""Pictures: runs of text in which every character or two has 24-bit colours of its own.

Thousands of colours come by for each screen of a picture, and most scroll away unseen. So a run is
kept as it was written, and nothing is read of it before somebody looks at the row, but for the
colours it ends with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from widgets.vt.cells import Cell
from widgets.vt.pens import DIRECT, DIRECT_AFTER_ESC, Pen


def _without_groups(pattern: str) -> str:
    return re.sub(r"\((?!\?)", "(?:", pattern)


_COLORS: Final = _without_groups(DIRECT.pattern)
_TEXT: Final = r"[^\x00-\x1f\x7f-\x9f]{1,2}"

DOTS_AFTER_ESC: Final = (
    _without_groups(DIRECT_AFTER_ESC) + _TEXT + rf"(?:{_COLORS}{_TEXT}){{3,99}}(?<!m)"
)
"""A regular expression for such a run, without the ESC it begins with."""

_PARTS: Final = re.compile(rf"({_COLORS})([^\x1b]+)")
_SEQUENCES: Final = re.compile(_COLORS)
_RESETS: Final = ("\x1b[0m", "\x1b[m")


class Dots:
    """A run as it was written, and the pen from ``before`` it."""

    __slots__ = ("before", "written")

    def __init__(self, before: Pen, written: str) -> None:
        self.before = before
        self.written = written

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """The sequences, each with the text behind it."""
        return iter(_PARTS.findall(self.written))

    def text(self) -> str:
        """The text alone."""
        return _SEQUENCES.sub("", self.written)

    def cells(self, _text: str) -> list[Cell]:
        """The cells of the text."""
        cells: list[Cell] = []
        pen = self.before
        for sequence, text in self:
            pen = pen.table.change(pen, sequence)
            cells.extend(pen.cells(text))
        return cells

    def last_pen(self) -> Pen:
        """The pen that the run ends with."""
        pen = self.before
        for sequence in self._that_count():
            pen = pen.table.change(pen, sequence)
        return pen

    def _that_count(self) -> list[str]:
        """The last sequences, as many as it takes to know the pen after all of them."""
        sequences: list[str] = _SEQUENCES.findall(self.written)
        if any(reset in self.written for reset in _RESETS):
            last = max(n for n, each in enumerate(sequences) if each.startswith(_RESETS))
            return sequences[last:]
        if "48;2;" not in self.written or "38;2;" not in self.written:
            return sequences[-1:]
        has_foreground = has_background = False
        for number, sequence in enumerate(reversed(sequences), 1):
            found = DIRECT.fullmatch(sequence)
            assert found is not None
            has_foreground |= bool(found[1] or found[4])
            has_background |= bool(found[2] or found[3])
            if has_foreground and has_background:
                return sequences[-number:]
        return sequences
