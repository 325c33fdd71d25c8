"""Selected text in a terminal, by rows that keep their number when they scroll."""

from __future__ import annotations

import dataclasses
from typing import Literal

from widgets.terminal_rows import Rows
from widgets.vt import Line

Point = tuple[int, int]
"""Row, as `Rows` counts them, and column."""

Kind = Literal["text", "lines", "rectangle"]


@dataclasses.dataclass(slots=True)
class Selection:
    """From where it began to where it is now; both ends belong to it."""

    anchor: Point
    end: Point
    kind: Kind = "text"

    def columns(self, row: int, width: int) -> tuple[int, int] | None:
        """The selected columns of a row, as start and end (exclusive); None when there are none."""
        first, last = sorted((self.anchor, self.end))
        if not first[0] <= row <= last[0]:
            return None
        if self.kind == "lines":
            return 0, width
        if self.kind == "rectangle":
            left, right = sorted((self.anchor[1], self.end[1]))
            return left, min(right + 1, width)
        start = first[1] if row == first[0] else 0
        end = last[1] + 1 if row == last[0] else width
        return start, min(end, width)

    def text(self, rows: Rows) -> str:
        """The selected text; rows that were only wrapped by the edge are joined again, but for
        those of a rectangle."""
        (first, _), (last, _) = sorted((self.anchor, self.end))
        pieces: list[str] = []
        for row in range(max(first, rows.first), min(last, rows.last) + 1):
            line = rows.line(row)
            columns = self.columns(row, len(line))
            if columns is None:
                continue
            start, end = columns
            joined = line.wrapped and self.kind != "rectangle"
            # A column that stayed free because a wide character did not fit is no text.
            end -= joined and line.gap and end == len(line)
            piece = text_between(line, start, end)
            pieces.append(piece if joined else piece.rstrip() + "\n")
        return "".join(pieces).rstrip("\n")


def text_between(line: Line, start: int, end: int) -> str:
    """The text in these columns; a wide character belongs to it when one half does."""
    while 0 < start < len(line) and not line[start].width:
        start -= 1
    return "".join(cell.text for cell in line[start:end])


def word_at(line: Line, row: int, column: int) -> Selection:
    """The word around a column, as a double click selects it."""
    start = end = min(column, len(line) - 1)
    if not _in_word(line[start].text):
        return Selection((row, start), (row, end))
    while start > 0 and _in_word(line[start - 1].text):
        start -= 1
    while end + 1 < len(line) and _in_word(line[end + 1].text):
        end += 1
    return Selection((row, start), (row, end))


def _in_word(text: str) -> bool:
    return not text or (not text.isspace() and text not in "\"'`()[]{}<>|;,")
