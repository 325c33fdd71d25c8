"""Changing the size of the screen."""

from __future__ import annotations

from collections import deque

from widgets.vt.cursor import Cursor, SavedCursor
from widgets.vt.line import Line, unwritten_line
from widgets.vt.reflow import Place, reflow
from widgets.vt.state import ScreenState


class Resizing(ScreenState):
    """The main screen is laid out anew together with its scrollback; the alternate one is cut or
    padded, since the program that owns it draws it again."""

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Take a new size."""
        lines = max(1, lines or self.lines)
        columns = max(1, columns or self.columns)
        if (lines, columns) == (self.lines, self.columns):
            return
        if self.modes.alternate_screen:
            self.other_grid = self._resized_main(
                self.other_grid, lines, columns, self._main_cursors()
            )
            self._resize_alternate(lines, columns)
        else:
            self.grid = self._resized_main(self.grid, lines, columns, self._main_cursors())
            self.other_grid = self._padded(self.other_grid[:lines], lines, columns)
        self._finish_resize(lines, columns)

    def _main_cursors(self) -> list[Cursor | SavedCursor]:
        """The cursors that belong to the main screen; the first is the one to keep in sight."""
        if self.modes.alternate_screen:
            return [self.other_saved or Cursor()]
        return [self.cursor, self.saved] if self.saved else [self.cursor]

    def _resized_main(
        self, grid: list[Line], lines: int, columns: int, cursors: list[Cursor | SavedCursor]
    ) -> list[Line]:
        history = len(self.scrollback)
        used = self._used_rows(grid, cursors[0].y)
        was_full = used == self.lines
        rows = [*self.scrollback, *grid[:used]]
        top = Place(history, 0)
        places = [
            Place(min(history + at.y, len(rows) - 1), min(at.x, self.columns - 1) + at.pending_wrap)
            for at in cursors
        ]
        if columns != self.columns:
            rows = reflow(rows, columns, [top, *places], self.pens.default[" "])
        first = top.row
        if was_full or len(rows) - first > lines:
            first = max(0, len(rows) - lines)
        first = min(first, places[0].row)
        for cursor, place in zip(cursors, places, strict=True):
            cursor.y = max(0, min(place.row - first, lines - 1))
            cursor.x = min(place.column, columns - 1)
            cursor.pending_wrap = place.column >= columns
        self._keep(rows[:first])
        return self._padded(rows[first : first + lines], lines, columns)

    def _keep(self, rows: list[Line]) -> None:
        self.scrolled_total += len(rows) - len(self.scrollback)
        self.scrollback = deque(rows, maxlen=self.scrollback.maxlen)

    @staticmethod
    def _used_rows(grid: list[Line], cursor_row: int) -> int:
        """How many rows there are down to the last one with text, or the cursor's."""
        used = len(grid)
        while used > cursor_row + 1 and not grid[used - 1].used():
            used -= 1
        return used

    def _padded(self, rows: list[Line], lines: int, columns: int) -> list[Line]:
        blank = self.pens.default[" "]
        for row in rows:
            row.fit(columns, blank)
        return rows + [unwritten_line(columns, blank) for _ in range(lines - len(rows))]

    def _resize_alternate(self, lines: int, columns: int) -> None:
        above = max(0, self.cursor.y + 1 - lines)
        for row in self.grid:
            row.wrapped = False
        self.grid = self._padded(self.grid[above : above + lines], lines, columns)
        self.cursor.y -= above

    def _finish_resize(self, lines: int, columns: int) -> None:
        self.tabstops.update(range(-(-self.columns // 8) * 8, columns, 8))
        self.lines, self.columns = lines, columns
        self.whole_screen()
        for at in (self.cursor, self.saved, self.other_saved):
            if at is not None:
                at.pending_wrap = at.pending_wrap and at.x == columns - 1
                at.x = min(at.x, columns - 1)
                at.y = min(at.y, lines - 1)
