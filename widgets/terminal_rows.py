"""The rows one can look at, by numbers that stay: 0 is the first row that ever scrolled off."""

from __future__ import annotations

from collections.abc import Iterator

from widgets.vt import Line, Terminal
from widgets.vt.line import new_line


class Rows:
    """The scrollback and the screen below it, as they are now."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    @property
    def columns(self) -> int:
        """How long the rows are."""
        return self._terminal.columns

    @property
    def top(self) -> int:
        """The first row of the screen."""
        return self._terminal.history_total

    @property
    def last(self) -> int:
        """The last row of the screen."""
        return self.top + self._terminal.lines - 1

    @property
    def first(self) -> int:
        """The oldest row there is; behind the alternate screen there is none."""
        if self._terminal.modes.alternate_screen:
            return self.top
        return self._terminal.history_total - self._terminal.history_length

    def line(self, row: int) -> Line:
        """A row between the first and the last."""
        return self._terminal.line(row - self._terminal.history_total)

    def texts(self) -> Iterator[tuple[int, str, bool]]:
        """Each row's number, its text, and whether it runs on in the next."""
        first = self._terminal.history_total - self._terminal.history_length
        oldest = self.first
        for row, (text, wrapped) in enumerate(self._terminal.texts(), first):
            if row >= oldest:
                yield row, text, wrapped


class FrozenRows(Rows):
    """The rows as they were: what is printed later changes nothing, below or above.

    Rows that scrolled off never change, so only those of the screen are copied. The oldest may be
    dropped meanwhile when the scrollback is full.
    """

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        self._top = super().top
        self._oldest = super().first
        self._screen = [_copy(terminal.line(row)) for row in range(terminal.lines)]

    @property
    def top(self) -> int:
        """The first row of what was the screen."""
        return self._top

    @property
    def last(self) -> int:
        """The last row of what was the screen."""
        return self._top + len(self._screen) - 1

    @property
    def first(self) -> int:
        """The oldest row that is still there."""
        kept = self._terminal.history_total - self._terminal.history_length
        return min(max(self._oldest, kept), self._top)

    def line(self, row: int) -> Line:
        """A row between the first and the last."""
        return self._screen[row - self._top] if row >= self._top else super().line(row)

    def texts(self) -> Iterator[tuple[int, str, bool]]:
        """Those that had scrolled off by then, and those of the screen of then."""
        for row, text, wrapped in super().texts():
            if self._oldest <= row < self._top:
                yield row, text, wrapped
        for row, line in enumerate(self._screen, self._top):
            yield row, line.plain(), line.wrapped


def _copy(line: Line) -> Line:
    copied = new_line(list(line), line.wrapped)
    copied.gap = line.gap
    return copied
