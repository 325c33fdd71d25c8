"""Text selected with the mouse in a terminal, by rows that keep their number when they scroll."""

from __future__ import annotations

import dataclasses

from widgets.vt import Line, Terminal

Point = tuple[int, int]
"""Row, counted from the first row that ever scrolled off, and column."""


@dataclasses.dataclass(slots=True)
class Selection:
    """From where the button went down to where the mouse is now; both ends belong to it."""

    anchor: Point
    end: Point

    def columns(self, row: int, width: int) -> tuple[int, int] | None:
        """The selected columns of a row, as start and end (exclusive); None when there are none."""
        first, last = sorted((self.anchor, self.end))
        if not first[0] <= row <= last[0]:
            return None
        start = first[1] if row == first[0] else 0
        end = last[1] + 1 if row == last[0] else width
        return start, min(end, width)

    def text(self, terminal: Terminal) -> str:
        """The selected text; rows that were only wrapped by the edge are joined again."""
        (first, _), (last, _) = sorted((self.anchor, self.end))
        oldest = terminal.history_total - terminal.history_length
        newest = terminal.history_total + terminal.lines - 1
        pieces: list[str] = []
        for row in range(max(first, oldest), min(last, newest) + 1):
            line = terminal.line(row - terminal.history_total)
            columns = self.columns(row, len(line))
            if columns is None:
                continue
            piece = "".join(cell.text for cell in line[columns[0] : columns[1]])
            pieces.append(piece if line.wrapped else piece.rstrip() + "\n")
        return "".join(pieces).rstrip("\n")


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
