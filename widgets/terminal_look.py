"""Which rows of a terminal one looks at: the live screen, further back, or in copy mode."""

from __future__ import annotations

from widgets.terminal_copy import CopyMode
from widgets.terminal_rows import Rows
from widgets.terminal_selection import Point, Selection
from widgets.vt import Line, Terminal


class Look:
    """Where the view is. What one reads stays in its place while more is printed."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._live = Rows(terminal)
        self._total = terminal.history_total
        self._selection: Selection | None = None
        self.copy: CopyMode | None = None
        self.scrolled = 0

    @property
    def rows(self) -> Rows:
        """All rows there are to look at."""
        return self.copy.rows if self.copy else self._live

    @property
    def top(self) -> int:
        """The number of the first row in view."""
        return self.copy.top if self.copy else self._live.top - self.scrolled

    @property
    def stands(self) -> bool:
        """Whether the view is not the live screen, and does not change with it."""
        return self.copy is not None or self.scrolled > 0

    def line(self, y: int) -> Line | None:
        """The row on that line of the view."""
        row = self.top + y
        return self.rows.line(row) if self.rows.first <= row <= self.rows.last else None

    def point(self, x: int, y: int) -> Point:
        """The cell under the mouse, or the nearest one in view."""
        column = max(0, min(x, self._terminal.columns - 1))
        return self.top + max(0, min(y, self._terminal.lines - 1)), column

    @property
    def selection(self) -> Selection | None:
        """What is selected."""
        return self.copy.selection if self.copy else self._selection

    @selection.setter
    def selection(self, selection: Selection | None) -> None:
        if self.copy:
            self.copy.selection = selection
        else:
            self._selection = selection

    def follow(self) -> None:
        """More was printed: stay with what one looks at."""
        grown = self._terminal.history_total - self._total
        self._total = self._terminal.history_total
        if self.scrolled:
            self.scrolled = max(0, min(self.scrolled + grown, self._terminal.history_length))

    def scroll_back(self, lines: int) -> bool:
        """Move that many rows back (negative: forward); whether anything is different."""
        before = self.top
        if self.copy:
            self.copy.scroll(-lines)
        else:
            self.scrolled = max(0, min(self.scrolled + lines, self._terminal.history_length))
        return self.top != before

    def begin_copy(self) -> CopyMode:
        """Copy mode, on what is in view."""
        if self.copy is None:
            self.copy = CopyMode(self._terminal, self.scrolled)
        return self.copy

    def end_copy(self) -> None:
        """Back to the live screen."""
        self.copy = None
        self.scrolled = 0

    def forget_rows(self) -> None:
        """The rows were laid out anew: their numbers mean nothing any more."""
        self._selection = self.copy = None
        self._total = self._terminal.history_total
        self.scrolled = min(self.scrolled, self._terminal.history_length)
