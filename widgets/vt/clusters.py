"""Writing single characters: wide ones, and those that join the one before them."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.vt.cells import Cell
from widgets.vt.charsets import Charsets
from widgets.vt.codes import RIGHT_HALF
from widgets.vt.line import Line
from widgets.vt.width import MAX_CLUSTER, cell_width, char_width, is_flag_half, joins


class Clusters(Charsets):
    """Putting cells into a row, wrapping at its end, and building grapheme clusters."""

    def limit(self, x: int) -> int:
        """The column that text starting at ``x`` must not reach."""
        return self.right + 1 if x <= self.right else self.columns

    def advance(self, end: int, limit: int) -> None:
        """Move the cursor behind what was written; in the last column a wrap is pending."""
        cursor = self.cursor
        self.on_last = end >= limit
        if end < limit:
            cursor.x = end
        else:
            cursor.x = limit - 1
            cursor.pending_wrap = self.modes.autowrap

    def put(self, start: int, end: int, cells: Sequence[Cell]) -> None:
        """Write cells over a part of the cursor's row, or push the row aside in insert mode."""
        line = self.row(self.cursor.y)
        if not line[start].width:
            self.mend(line, start)
        if self.modes.insert and self.left <= start <= self.right:
            self._push_aside(line, start, end - start)
        elif end < self.columns and not line[end].width:
            self.mend(line, end)
        line[start:end] = cells
        line.stamp = 0

    def _push_aside(self, line: Line, start: int, count: int) -> None:
        limit = self.limit(start)
        self.mend(line, limit)
        keep = limit - count
        self.mend(line, keep)
        line[start:limit] = [*line[start : start + count], *line[start:keep]]

    def wrap(self) -> None:
        """Go to the next row, because the last column is taken and more text comes."""
        line = self.grid[self.cursor.y]
        line.wrapped = True
        line.gap = False
        self.index()
        self.cursor.x = self.left

    def draw_char(self, char: str) -> None:
        """Write a character that may join the one before it."""
        if char == RIGHT_HALF:
            char = "\ufffd"
        width = char_width(char)
        clusters = self.modes.grapheme_clusters and self.joinable
        if not width or (clusters and self.last_text and joins(self.last_text, char)):
            before = self._cell_before()
            if before is not None:
                line, column = before
                text = line[column].text
                if not width or joins(text, char):
                    self._extend(line, column, text, char)
                    return
        if width and is_flag_half(char) and not self.modes.grapheme_clusters:
            # Not shared, for elsewhere half a flag is as wide as a whole one.
            self.put_one(Cell(char, self.pen, 1), 1)
        elif width:
            self.put_one(self.pen[char], width)

    def _cell_before(self) -> tuple[Line, int] | None:
        """Where the character before the cursor stands."""
        cursor = self.cursor
        line = self.row(cursor.y)
        on_it = cursor.pending_wrap or (self.joinable and self._is_on_last())
        column = cursor.x if on_it else cursor.x - 1
        if column < 0:
            return None
        return line, column - (not line[column].width)

    def _is_on_last(self) -> bool:
        # Without autowrap the cursor stays on the character it has written in the last column.
        return self.on_last and self.cursor.x == self.limit(self.cursor.x) - 1

    def _extend(self, line: Line, column: int, text: str, char: str) -> None:
        """Add a code point to a cell, and widen the cell when that makes it a wide emoji."""
        if len(text) >= MAX_CLUSTER:
            return
        old = line[column]
        joined = text + char
        width = old.width
        natural = cell_width(joined)
        if width < natural and self.joinable and self.modes.grapheme_clusters:
            width = natural if self._widen(line, column) else width
        # A cell whose text asks for another width than it has got must not be shared.
        line[column] = old.pen[joined] if natural == width else Cell(joined, old.pen, width)
        line.stamp = 0
        self.last_text = joined

    def _widen(self, line: Line, column: int) -> bool:
        """Give a cell that has become wide its second column, if there is room for it."""
        cursor = self.cursor
        limit = self.limit(column)
        if column + 1 >= limit:
            return False
        self.put(cursor.x, cursor.x + 1, [line[column].pen[RIGHT_HALF]])
        self.advance(cursor.x + 1, limit)
        return True

    def put_one(self, cell: Cell, width: int) -> None:
        """Write one cell; a wide one that does not fit in the row goes to the next."""
        cursor = self.cursor
        if cursor.pending_wrap:
            self.wrap()
        limit = self.limit(cursor.x)
        if width == 2 and cursor.x + 2 > limit:
            if not self._make_room(limit):
                return
            limit = self.limit(cursor.x)
        x = cursor.x
        self.put(x, x + width, [cell] if width == 1 else [cell, cell.pen[RIGHT_HALF]])
        self.last_text = cell.text
        self.advance(x + width, limit)

    def _make_room(self, limit: int) -> bool:
        """Before a wide character in the last column: wrap, or give it up where nothing wraps."""
        cursor = self.cursor
        if not self.modes.autowrap:
            cursor.x = limit - 1
            return False
        line = self.grid[cursor.y]
        self.put(cursor.x, limit, self.blanks(limit - cursor.x))
        self.wrap()
        line.gap = limit == self.columns
        # A margin may be too narrow for any wide character.
        room = self.limit(cursor.x)
        return cursor.x + 2 <= room
