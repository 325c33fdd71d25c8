"""Finding text in all rows of a terminal: rows wrapped by the edge are searched as one line."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from widgets.terminal_rows import Rows
from widgets.terminal_selection import Point
from widgets.vt import Line

MAX_HITS = 100_000

Hit = tuple[Point, Point]
"""The first and the last cell of a find."""


class Search:
    """Finds one pattern after another in rows that do not change meanwhile.

    A pattern is plain text. Without a capital letter in it, the case does not matter.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._lines = list(_logical_lines(rows))
        self._starts = [start for start, _, _ in self._lines]
        self.pattern = ""
        self._found: list[tuple[int, int]] = []

    def find(self, pattern: str) -> None:
        """Look for this pattern from now on; an empty one is nowhere."""
        self.pattern = pattern
        self._found = []
        if not pattern:
            return
        flags = re.IGNORECASE if pattern == pattern.lower() else 0
        matches = re.compile(re.escape(pattern), flags).finditer
        for index, (_, text, _) in enumerate(self._lines):
            self._found += [(index, match.start()) for match in matches(text)]
            if len(self._found) >= MAX_HITS:
                return

    def __len__(self) -> int:
        """How many hits there are."""
        return len(self._found)

    def hit(self, number: int) -> Hit:
        """One of the hits, from the oldest on."""
        index, offset = self._found[number]
        return self._cell(index, offset), self._cell(index, offset + len(self.pattern) - 1)

    def next_to(self, point: Point, *, up: bool) -> int | None:
        """The number of the nearest hit before (`up`) or after a cell, round the end if need be."""
        if not self._found:
            return None
        beyond = bisect.bisect_left(self._found, 0, key=lambda found: self._before(found, point))
        if up:
            return (beyond - 1) % len(self._found)
        at = beyond < len(self._found) and self.hit(beyond)[0] == point
        return (beyond + at) % len(self._found)

    def _before(self, found: tuple[int, int], point: Point) -> int:
        """-1 for a hit that begins before the cell, else 0."""
        start, _, count = self._lines[found[0]]
        if start + count <= point[0]:
            return -1
        if start > point[0]:
            return 0
        return -1 if self._cell(*found) < point else 0

    def on_row(self, row: int) -> Iterator[tuple[int, int, int]]:
        """The hits on a row: number, first column, and the column after the last."""
        index = bisect.bisect_right(self._starts, row) - 1
        if index < 0 or not self._found:
            return
        number = bisect.bisect_left(self._found, (index, 0))
        while number < len(self._found) and self._found[number][0] == index:
            first, last = self.hit(number)
            if first[0] <= row <= last[0]:
                start = first[1] if first[0] == row else 0
                end = last[1] if last[0] == row else self._rows.columns - 1
                yield number, start, end + 1
            number += 1

    def _cell(self, index: int, offset: int) -> Point:
        """The cell of a character in a logical line."""
        start, _, count = self._lines[index]
        for row in range(start, start + count):
            if row < self._rows.first:
                # Dropped meanwhile: near enough, as nobody can look at it.
                return row, 0
            line = self._rows.line(row)
            length = len(line.plain())
            if offset < length or row == start + count - 1:
                return row, _column(line, offset)
            offset -= length
        return start, 0


def _logical_lines(rows: Rows) -> Iterator[tuple[int, str, int]]:
    """The first row of each line, its text, and how many rows it takes."""
    start, pieces = rows.first, list[str]()
    for row, text, wrapped in rows.texts():
        if not pieces:
            start = row
        pieces.append(text)
        if not wrapped:
            yield start, "".join(pieces), len(pieces)
            pieces = []
    if pieces:
        yield start, "".join(pieces), len(pieces)


def _column(line: Line, offset: int) -> int:
    """The column of a character of the row's text; one cell may hold several, or none."""
    for column, cell in enumerate(line):
        offset -= len(cell.text)
        if offset < 0:
            return column
    return len(line) - 1
