"""Moving the cursor, tab stops, and saving and restoring it."""

from __future__ import annotations

from widgets.vt.charsets import Charsets
from widgets.vt.cursor import SavedCursor


class Movement(Charsets):
    """Cursor movement of ECMA-48 and DEC; margins stop it as in the VT420."""

    def place(self, x: int, y: int) -> None:
        """Put the cursor at absolute co-ordinates, brought into the screen."""
        cursor = self.cursor
        cursor.pending_wrap = False
        cursor.x = min(max(x, 0), self.columns - 1)
        cursor.y = min(max(y, 0), self.lines - 1)

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """CUP, HVP: counted from the scroll region in origin mode."""
        x = (column or 1) - 1
        y = (line or 1) - 1
        if self.modes.origin:
            x = min(x + self.left, self.right)
            y = min(y + self.top, self.bottom)
        self.place(x, y)

    def cursor_to_column(self, column: int | None = None) -> None:
        """CHA, HPA."""
        x = (column or 1) - 1
        if self.modes.origin:
            x = min(x + self.left, self.right)
        self.place(x, self.cursor.y)

    def cursor_to_line(self, line: int | None = None) -> None:
        """VPA."""
        y = (line or 1) - 1
        if self.modes.origin:
            y = min(y + self.top, self.bottom)
        self.place(self.cursor.x, y)

    def column_relative(self, count: int) -> None:
        """HPR: unlike CUF not stopped by a margin, unless in origin mode."""
        stop = self.right if self.modes.origin else self.columns - 1
        self.place(min(self.cursor.x + count, stop), self.cursor.y)

    def line_relative(self, count: int) -> None:
        """VPR: unlike CUD not stopped by a margin, unless in origin mode."""
        stop = self.bottom if self.modes.origin else self.lines - 1
        self.place(self.cursor.x, min(self.cursor.y + count, stop))

    def cursor_up(self, count: int | None = None) -> None:
        """CUU: a margin stops a cursor that is not already beyond it."""
        y = self.cursor.y
        stop = self.top if y >= self.top else 0
        self.place(self.cursor.x, max(y - (count or 1), stop))

    def cursor_down(self, count: int | None = None) -> None:
        """CUD."""
        y = self.cursor.y
        stop = self.bottom if y <= self.bottom else self.lines - 1
        self.place(self.cursor.x, min(y + (count or 1), stop))

    def cursor_forward(self, count: int | None = None) -> None:
        """CUF."""
        x = self.cursor.x
        stop = self.right if x <= self.right else self.columns - 1
        self.place(min(x + (count or 1), stop), self.cursor.y)

    def cursor_back(self, count: int | None = None) -> None:
        """CUB: goes back over wrapped lines in reverse wrap mode (private modes 45 and 1045)."""
        count = count or 1
        modes = self.modes
        if modes.autowrap and (modes.reverse_wrap or modes.reverse_wrap_extended):
            self._back_over_wraps(count)
            return
        x = self.cursor.x
        stop = self.left if x >= self.left else 0
        self.place(max(x - count, stop), self.cursor.y)

    def _back_over_wraps(self, count: int) -> None:
        cursor = self.cursor
        if cursor.pending_wrap:
            # The cursor counts as standing behind the last column.
            cursor.pending_wrap = False
            count -= 1
        count = min(count, self.columns * self.lines)
        while count > 0:
            stop = self.left if cursor.x >= self.left else 0
            step = min(count, cursor.x - stop)
            cursor.x -= step
            count -= step + 1
            if count >= 0 and not self._step_up():
                return

    def _step_up(self) -> bool:
        cursor = self.cursor
        if self.modes.reverse_wrap_extended:
            above = self.bottom if cursor.y == self.top else cursor.y - 1
        elif cursor.y > 0 and cursor.y != self.top and self.grid[cursor.y - 1].wrapped:
            above = cursor.y - 1
        else:
            return False
        if above < 0:
            return False
        self.place(self.right, above)
        return True

    def backspace(self) -> None:
        """BS."""
        self.cursor_back(1)

    def carriage_return(self) -> None:
        """CR: to the left margin, or to the edge for a cursor left of it."""
        cursor = self.cursor
        cursor.pending_wrap = False
        left = self.left
        cursor.x = left if cursor.x >= left or self.modes.origin else 0

    def cursor_up1(self, count: int | None = None) -> None:
        """CPL."""
        self.cursor_up(count)
        self.carriage_return()

    def cursor_down1(self, count: int | None = None) -> None:
        """CNL."""
        self.cursor_down(count)
        self.carriage_return()

    def tab(self) -> None:
        """HT."""
        self.tab_forward(1)

    def tab_forward(self, count: int) -> None:
        """CHT: to the next tab stop, or to the margin; does not wrap."""
        cursor = self.cursor
        limit = self.right if cursor.x <= self.right else self.columns - 1
        after = sorted(stop for stop in self.tabstops if cursor.x < stop < limit)
        cursor.x = after[count - 1] if count <= len(after) else limit

    def tab_back(self, count: int) -> None:
        """CBT."""
        cursor = self.cursor
        cursor.pending_wrap = False
        limit = self.left if self.modes.origin else 0
        before = sorted(stop for stop in self.tabstops if limit < stop < cursor.x)
        cursor.x = before[-count] if count <= len(before) else limit

    def set_tab_stop(self) -> None:
        """HTS."""
        self.tabstops.add(self.cursor.x)

    def clear_tab_stop(self, how: int = 0) -> None:
        """TBC: this stop, or all of them."""
        if how == 0:
            self.tabstops.discard(self.cursor.x)
        elif how == 3:
            self.tabstops.clear()

    def save_cursor(self) -> None:
        """DECSC, SCOSC. There is one place to save to for each of the two screens."""
        cursor = self.cursor
        self.saved = SavedCursor(
            x=cursor.x,
            y=cursor.y,
            pen=self.pen,
            pending_wrap=cursor.pending_wrap,
            origin=self.modes.origin,
            charsets=self.charsets,
            shifted_to=self.shifted_to,
        )

    def restore_cursor(self) -> None:
        """DECRC, SCORC: to the home position when nothing was saved."""
        saved = self.saved or SavedCursor(
            0, 0, self.pens.default, False, False, ("B", "B", "B", "B"), 0
        )
        self.pen = saved.pen
        self.modes.origin = saved.origin
        self.charsets = saved.charsets
        self.invoke_charset(saved.shifted_to)
        x, y = saved.x, saved.y
        if saved.origin:
            x = min(max(x, self.left), self.right)
            y = min(max(y, self.top), self.bottom)
        self.place(x, y)
        self.cursor.pending_wrap = saved.pending_wrap and self.cursor.x in {
            self.right,
            self.columns - 1,
        }
