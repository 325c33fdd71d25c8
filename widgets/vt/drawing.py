"""Writing text into the rows."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from widgets.vt.cells import Cell
from widgets.vt.charsets import Charsets
from widgets.vt.line import Line
from widgets.vt.width import (
    MAX_CLUSTER,
    NARROW,
    WIDE,
    cell_width,
    char_width,
    joins,
)

MAX_REPEAT: Final = 65_535


class Drawing(Charsets):
    """Text: runs of plain characters by slice, the others one by one."""

    def draw(self, data: str) -> None:
        """Write text at the cursor."""
        if self.translation is not None or self.single_shift is not None:
            data = self.translated(data)
        self.joinable = True
        if data.isascii() or NARROW.fullmatch(data):
            self._draw_narrow(itemgetter(*data)(self.pen) if len(data) > 1 else (self.pen[data],))
        else:
            self._draw_mixed(data)

    def repeat(self, count: int) -> None:
        """REP: write the last character again."""
        text = self.last_text
        if not text:
            return
        cell = self._cell(text)
        count = min(count, MAX_REPEAT, self.columns * self.lines)
        if cell.width == 1:
            self._draw_narrow([cell] * count)
        else:
            for _ in range(count):
                self._draw_one(cell, cell.width)

    def _cell(self, text: str) -> Cell:
        return self.pen[text]

    def _draw_mixed(self, data: str) -> None:
        position = 0
        length = len(data)
        cells = self.pen
        while position < length:
            run = NARROW.match(data, position)
            if run is not None:
                self._draw_narrow([cells[char] for char in run[0]])
            else:
                run = WIDE.match(data, position)
                if run is not None:
                    self._draw_wide([cells[char] for char in run[0]])
            if run is not None:
                position = run.end()
                self.joinable = True
                continue
            self._draw_char(data[position])
            self.joinable = True
            position += 1

    def _draw_narrow(self, cells: Sequence[Cell]) -> None:
        """Write characters of one column each."""
        self.last_text = cells[-1].text
        cursor = self.cursor
        x = cursor.x
        end = x + len(cells)
        if end <= self.right and not self.modes.insert:
            # The common case, without a call: the text ends before the margin.
            line = self.grid[cursor.y]
            if line[x].width and line[end].width:
                line[x:end] = cells
                line.stamp = 0
                cursor.x = end
                return
        self._draw_narrow_at_edges(cells)

    def _draw_narrow_at_edges(self, cells: Sequence[Cell]) -> None:
        """Write characters of one column each where they may wrap or cut wide ones in two."""
        cursor = self.cursor
        while True:
            if cursor.pending_wrap:
                self._wrap()
            x = cursor.x
            limit = self.right + 1 if x <= self.right else self.columns
            end = x + len(cells)
            if end <= limit:
                self._put(x, end, cells)
                if end < limit:
                    cursor.x = end
                else:
                    cursor.x = limit - 1
                    cursor.pending_wrap = self.modes.autowrap
                return
            room = limit - x
            if not self.modes.autowrap:
                # Everything beyond the edge is written over in the last column.
                self._put(x, limit, [*cells[: room - 1], cells[-1]])
                cursor.x = limit - 1
                return
            self._put(x, limit, cells[:room])
            cells = cells[room:]
            cursor.x = limit - 1
            cursor.pending_wrap = True

    def _draw_wide(self, cells: list[Cell]) -> None:
        """Write characters of two columns each: as many as fit by one slice, then wrap."""
        cursor = self.cursor
        start = 0
        while start < len(cells):
            if cursor.pending_wrap:
                self._wrap()
            x = cursor.x
            limit = self.right + 1 if x <= self.right else self.columns
            fitting = cells[start : start + (limit - x) // 2]
            if not fitting or x + 2 * len(fitting) >= limit:
                self._draw_one(cells[start], 2)
                start += 1
                continue
            pairs = [self.pen[""]] * (2 * len(fitting))
            pairs[::2] = fitting
            self._put(x, x + len(pairs), pairs)
            cursor.x = x + len(pairs)
            start += len(fitting)
        self.last_text = cells[-1].text

    def _put(self, start: int, end: int, cells: Sequence[Cell]) -> None:
        """Write cells over a part of the cursor's row, or push the row aside in insert mode."""
        line = self.grid[self.cursor.y]
        if not line[start].width:
            self.mend(line, start)
        if self.modes.insert:
            self._push_aside(line, start, end - start)
        elif end < self.columns and not line[end].width:
            self.mend(line, end)
        line[start:end] = cells
        line.stamp = 0

    def _push_aside(self, line: Line, start: int, count: int) -> None:
        limit = self.right + 1 if start <= self.right else self.columns
        self.mend(line, limit)
        keep = limit - count
        self.mend(line, keep)
        line[start:limit] = [*line[start : start + count], *line[start:keep]]

    def _wrap(self) -> None:
        """Go to the next row, because the last column is taken and more text comes."""
        line = self.grid[self.cursor.y]
        line.wrapped = True
        line.gap = False
        self.cursor.pending_wrap = False
        self.cursor.x = self.left if self.cursor.x <= self.right else 0
        self.index()

    def _draw_char(self, char: str) -> None:
        """Write a character that may join the one before it."""
        width = char_width(char)
        before = self._cell_before()
        if before is not None:
            line, column = before
            text = line[column].text
            clusters = self.modes.grapheme_clusters and self.joinable
            if not width or (clusters and joins(text, char)):
                self._extend(line, column, text, char)
                return
        if width:
            self._draw_one(self._cell(char), width)

    def _cell_before(self) -> tuple[Line, int] | None:
        """Where the character before the cursor stands."""
        cursor = self.cursor
        line = self.grid[cursor.y]
        column = cursor.x if cursor.pending_wrap else cursor.x - 1
        if column < 0:
            return None
        return line, column - (not line[column].width)

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
        limit = self.right + 1 if column <= self.right else self.columns
        if cursor.pending_wrap or column + 1 >= limit:
            return False
        self._put(cursor.x, cursor.x + 1, [line[column].pen[""]])
        if cursor.x + 1 < limit:
            cursor.x += 1
        else:
            cursor.pending_wrap = self.modes.autowrap
        return True

    def _draw_one(self, cell: Cell, width: int) -> None:
        """Write one cell; a wide one that does not fit in the row goes to the next."""
        cursor = self.cursor
        if cursor.pending_wrap:
            self._wrap()
        limit = self.right + 1 if cursor.x <= self.right else self.columns
        if width == 2 and cursor.x + 2 > limit:
            if not self._make_room(limit):
                return
            limit = self.right + 1 if cursor.x <= self.right else self.columns
        x = cursor.x
        self._put(x, x + width, [cell] if width == 1 else [cell, cell.pen[""]])
        self.last_text = cell.text
        if x + width < limit:
            cursor.x = x + width
        else:
            cursor.x = limit - 1
            cursor.pending_wrap = self.modes.autowrap

    def _make_room(self, limit: int) -> bool:
        """Before a wide character in the last column: wrap, or step back when not wrapping."""
        cursor = self.cursor
        if self.modes.autowrap:
            line = self.grid[cursor.y]
            self._put(cursor.x, limit, self.blanks(limit - cursor.x))
            self._wrap()
            line.gap = limit == self.columns
        else:
            cursor.x = limit - 2
        # A margin may be too narrow for any wide character.
        room = self.right + 1 if cursor.x <= self.right else self.columns
        return cursor.x >= 0 and cursor.x + 2 <= room
