"""Scrolling: line feeds at the margin, scroll commands, margins."""

from __future__ import annotations

from widgets.vt.cells import Cell
from widgets.vt.line import Line, unwritten_line
from widgets.vt.movement import Movement


class Scrolling(Movement):
    """Moving rows up and down, and columns left and right, inside the scroll region."""

    def return_and_linefeed(self) -> None:
        """CR LF, the commonest pair of controls, in one step."""
        cursor = self.cursor
        if self.full_screen:
            cursor.x = 0
            cursor.pending_wrap = False
            self.grid[cursor.y].wrapped = False
            if cursor.y == self.bottom:
                self._scroll_full_screen()
            else:
                cursor.y += 1
        else:
            self.carriage_return()
            self.linefeed()

    def linefeed(self) -> None:
        """LF, VT, FF: with a carriage return in newline mode (LNM).

        What follows is another line of text, even where the row had once been full: a program that
        comes back to write over wrapped text ends it in this way.
        """
        if self.modes.newline:
            self.carriage_return()
        self.grid[self.cursor.y].wrapped = False
        self.index()

    def next_line(self) -> None:
        """NEL."""
        self.carriage_return()
        self.index()

    def index(self) -> None:
        """IND: down one row; scrolls at the bottom margin, stops at the end of the screen."""
        cursor = self.cursor
        cursor.pending_wrap = False
        y = cursor.y
        if y == self.bottom:
            if self.full_screen:
                self._scroll_full_screen()
            elif self.left <= cursor.x <= self.right:
                self.scroll_up(1)
        elif y < self.lines - 1:
            cursor.y = y + 1

    def _scroll_full_screen(self) -> None:
        """Scroll by one row where there are no margins, which is what nearly all scrolling is."""
        grid = self.grid
        if not self.modes.alternate_screen:
            self.scrollback.append(grid[0])
            self.scrolled_total += 1
        del grid[0]
        grid.append(unwritten_line(self.columns, self.pen.blank or self.pen.erased()))

    def reverse_index(self) -> None:
        """RI: up one row; scrolls at the top margin."""
        cursor = self.cursor
        cursor.pending_wrap = False
        if cursor.y == self.top:
            if self.left <= cursor.x <= self.right:
                self.scroll_down(1)
        elif cursor.y > 0:
            cursor.y -= 1

    def scroll_up(self, count: int) -> None:
        """SU: the rows of the region move up, blank ones come in at the bottom."""
        self.move_rows_up(self.top, count, keep=self.top == 0)

    def scroll_down(self, count: int) -> None:
        """SD."""
        self.move_rows_down(self.top, count)

    def scroll_down_or_track(self, given: tuple[int, ...]) -> None:
        """``CSI T``: SD with one parameter; with five it starts highlight tracking, not offered."""
        if len(given) <= 1:
            self.scroll_down(given[0] if given and given[0] else 1)

    def move_rows_up(self, first: int, count: int, keep: bool = False) -> None:
        """Delete rows at ``first``; the rest of the region moves up.

        Rows go to the scrollback only when they leave by the top of the whole main screen: neither
        the alternate screen nor a region in its middle has a past worth keeping (as in xterm).
        """
        count = min(count, self.bottom + 1 - first)
        if not self.full_width:
            self._move_part_up(first, count)
            return
        grid = self.grid
        if keep and not self.modes.alternate_screen:
            self.scrollback.extend(grid[first : first + count])
            self.scrolled_total += count
        elif first > 0:
            grid[first - 1].wrapped = False
        del grid[first : first + count]
        at = self.bottom + 1 - count
        grid[at:at] = [self.blank_line() for _ in range(count)]

    def move_rows_down(self, first: int, count: int) -> None:
        """Insert blank rows at ``first``; the last rows of the region are lost."""
        count = min(count, self.bottom + 1 - first)
        if not self.full_width:
            self._move_part_down(first, count)
            return
        grid = self.grid
        at = self.bottom + 1 - count
        del grid[at : at + count]
        grid[first:first] = [self.blank_line() for _ in range(count)]
        if first > 0:
            grid[first - 1].wrapped = False
        grid[self.bottom].wrapped = False

    def _move_part_up(self, first: int, count: int) -> None:
        """Move the columns between the side margins up."""
        rows = self._cut_at_margins(first)
        parts = [row[self.left : self.right + 1] for row in rows]
        blanks = [self.blanks(len(parts[0])) for _ in range(count)]
        self._paste(rows, parts[count:] + blanks)

    def _move_part_down(self, first: int, count: int) -> None:
        rows = self._cut_at_margins(first)
        parts = [row[self.left : self.right + 1] for row in rows]
        blanks = [self.blanks(len(parts[0])) for _ in range(count)]
        self._paste(rows, blanks + parts[: len(parts) - count])

    def _cut_at_margins(self, first: int) -> list[Line]:
        rows = self.grid[first : self.bottom + 1]
        for row in rows:
            row.fill()
            self.mend(row, self.left)
            self.mend(row, self.right + 1)
        return rows

    def _paste(self, rows: list[Line], parts: list[list[Cell]]) -> None:
        for row, part in zip(rows, parts, strict=True):
            row[self.left : self.right + 1] = part
            row.wrapped = False
            row.stamp = 0

    def set_margins(self, top: int | None = None, bottom: int | None = None) -> None:
        """DECSTBM: a region of at least two rows; the cursor goes home."""
        first = (top or 1) - 1
        last = min(bottom or self.lines, self.lines) - 1
        if first < last:
            self.top, self.bottom = first, last
            self.margins_changed()
            self.cursor_position()

    def set_side_margins_or_save(self, given: tuple[int, ...]) -> None:
        """``CSI s``: DECSLRM while left and right margins are allowed (mode 69), else SCOSC."""
        if not self.modes.left_right_margins:
            if not given:
                self.save_cursor()
            return
        first = ((given[0] if given else 0) or 1) - 1
        last = min((given[1] if len(given) > 1 else 0) or self.columns, self.columns) - 1
        if first < last:
            self.left, self.right = first, last
            self.margins_changed()
            self.cursor_position()
