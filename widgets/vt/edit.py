"""Erasing, inserting and deleting."""

from __future__ import annotations

from typing import Any

from widgets.vt.line import Line, new_line
from widgets.vt.scrolling import Scrolling


class Editing(Scrolling):
    """The editing functions of ECMA-48; what is erased takes the background colour (BCE)."""

    def erase(self, line: Line, start: int, end: int) -> None:
        """Blank the columns from ``start`` up to ``end``."""
        if end == self.columns and start < end:
            line.wrapped = False
        blank = self.pen.erased()
        if line.pens is not None and start >= len(line.text) and line.blank is blank:
            # Nothing was written there yet: clearing to the end of the line after the text.
            return
        line.fill()
        self.mend(line, start)
        self.mend(line, end)
        line[start:end] = [blank] * (end - start)
        line.stamp = 0

    def erase_unprotected(self, line: Line, start: int, end: int) -> None:
        """Blank the columns whose text DECSCA has not protected."""
        blank = self.pen.erased()
        line.fill()
        for column in (start, end):
            # Both halves of a wide character are of one pen, so only the edges can cut one.
            if column < self.columns and not line[column].protected:
                self.mend(line, column)
        line[start:end] = [cell if cell.pen.style.protected else blank for cell in line[start:end]]
        line.wrapped = line.wrapped and line[-1] is not blank
        line.stamp = 0

    def _part_of_line(self, how: int) -> tuple[int, int] | None:
        # With a wrap pending the cursor counts as standing behind the last column: programs that
        # clear to the end of the line after each piece of colour must not lose their last letter.
        column = self.cursor.x + self.cursor.pending_wrap
        end = min(column + 1, self.columns)
        parts = {0: (column, self.columns), 1: (0, end), 2: (0, self.columns)}
        return parts.get(how)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """EL: from the cursor, up to it, or all; with ``private`` only what is not protected."""
        part = self._part_of_line(how)
        if part is None:
            self.unknown_sequence(f"CSI {how} K")
            return
        erase = self.erase_unprotected if private else self.erase
        erase(self.grid[self.cursor.y], *part)
        if part == (0, self.columns):
            self.end_above(self.cursor.y)

    def erase_unprotected_in_line(self, how: int) -> None:
        """DECSEL."""
        self.erase_in_line(how, private=True)

    def erase_in_display(self, how: int = 0, *_args: Any, **kwargs: Any) -> None:
        """ED: below, above, all, or (3, xterm's) the scrollback alone."""
        if how == 3 and not kwargs.get("private"):
            self.scrollback.clear()
            return
        rows = {
            0: range(self.cursor.y + 1, self.lines),
            1: range(self.cursor.y),
            2: range(self.lines),
        }.get(how)
        if rows is None:
            self.unknown_sequence(f"CSI {how} J")
            return
        private = bool(kwargs.get("private"))
        if how != 2:
            self.erase_in_line(how, private)
        for y in rows:
            if private:
                self.erase_unprotected(self.row(y), 0, self.columns)
            else:
                self.grid[y] = self.blank_line()
                self.end_above(y)

    def erase_unprotected_in_display(self, how: int) -> None:
        """DECSED."""
        self.erase_in_display(how, private=True)

    def erase_characters(self, count: int | None = None) -> None:
        """ECH: nothing moves, margins do not matter."""
        cursor = self.cursor
        cursor.pending_wrap = False
        end = min(cursor.x + (count or 1), self.columns)
        self.erase(self.grid[cursor.y], cursor.x, end)

    def _in_region(self) -> bool:
        cursor = self.cursor
        return self.top <= cursor.y <= self.bottom and self.left <= cursor.x <= self.right

    def insert_lines(self, count: int | None = None) -> None:
        """IL: only inside the scroll region; the cursor goes to its left margin."""
        if self._in_region():
            self.move_rows_down(self.cursor.y, count or 1)
            self.place(self.left, self.cursor.y)

    def delete_lines(self, count: int | None = None) -> None:
        """DL."""
        if self._in_region():
            self.move_rows_up(self.cursor.y, count or 1)
            self.place(self.left, self.cursor.y)

    def insert_characters(self, count: int | None = None) -> None:
        """ICH."""
        cursor = self.cursor
        if self.left <= cursor.x <= self.right:
            cursor.pending_wrap = False
            self._shift_right(self.row(cursor.y), cursor.x, count or 1)

    def delete_characters(self, count: int | None = None) -> None:
        """DCH."""
        cursor = self.cursor
        if self.left <= cursor.x <= self.right:
            cursor.pending_wrap = False
            self._shift_left(self.row(cursor.y), cursor.x, count or 1)

    def _shift_right(self, line: Line, start: int, count: int) -> None:
        end = self.right + 1
        count = min(count, end - start)
        for column in (start, end - count, end):
            self.mend(line, column)
        line[start:end] = [*self.blanks(count), *line[start : end - count]]
        line.wrapped = line.wrapped and end < self.columns
        line.stamp = 0

    def _shift_left(self, line: Line, start: int, count: int) -> None:
        end = self.right + 1
        count = min(count, end - start)
        for column in (start, start + count, end):
            self.mend(line, column)
        line[start:end] = [*line[start + count : end], *self.blanks(count)]
        line.wrapped = line.wrapped and end < self.columns
        line.stamp = 0

    def _shift_rows(self, start: int, count: int, right: bool) -> None:
        shift = self._shift_right if right else self._shift_left
        for line in self.grid[self.top : self.bottom + 1]:
            shift(line.fill(), start, count)

    def scroll_left(self, count: int) -> None:
        """SL (ECMA-48): the columns of the region move left, if the cursor is inside (xterm)."""
        if self._in_region():
            self._shift_rows(self.left, count, right=False)

    def scroll_right(self, count: int) -> None:
        """SR (ECMA-48)."""
        if self._in_region():
            self._shift_rows(self.left, count, right=True)

    def insert_columns(self, count: int) -> None:
        """DECIC."""
        if self._in_region():
            self._shift_rows(self.cursor.x, count, right=True)

    def delete_columns(self, count: int) -> None:
        """DECDC."""
        if self._in_region():
            self._shift_rows(self.cursor.x, count, right=False)

    def back_index(self) -> None:
        """DECBI: left one column; scrolls right at the left margin."""
        if self.cursor.x == self.left and self._in_region():
            self._shift_rows(self.left, 1, right=True)
        elif self.cursor.x > 0:
            self.place(self.cursor.x - 1, self.cursor.y)

    def forward_index(self) -> None:
        """DECFI."""
        if self.cursor.x == self.right and self._in_region():
            self._shift_rows(self.left, 1, right=False)
        elif self.cursor.x < self.columns - 1:
            self.place(self.cursor.x + 1, self.cursor.y)

    def alignment_display(self) -> None:
        """DECALN: fill the screen with E; margins are set back and the cursor goes home."""
        self.whole_screen()
        cell = self.pens.default["E"]
        self.grid[:] = [new_line([cell] * self.columns) for _ in range(self.lines)]
        self.place(0, 0)
