"""The terminal: bytes in; rows, cursor, modes and answers out."""

from __future__ import annotations

from collections.abc import Iterator

from widgets.vt.cells import Cell
from widgets.vt.colors import Colors
from widgets.vt.cursor import Cursor
from widgets.vt.line import Line
from widgets.vt.modes import Modes
from widgets.vt.osc import ClipboardRequest, ShellIntegration
from widgets.vt.screen import Screen
from widgets.vt.stream import Stream


class Terminal:
    """A terminal emulator without a window.

    Feed it what the program writes, send the program what `take_replies` gives, and draw `line`
    for each row in `take_dirty`.
    """

    def __init__(self, columns: int, lines: int, scrollback: int = 10_000) -> None:
        self.screen = Screen(max(1, columns), max(1, lines), scrollback)
        self._stream = Stream(self.screen)
        self._seen: list[int] = []

    def feed(self, data: bytes) -> None:
        """Take output of the program. Any bytes will do, cut anywhere."""
        self._stream.feed(data)

    def resize(self, columns: int, lines: int) -> None:
        """Take a new size; wrapped text is laid out anew and the cursor stays with its text."""
        self.screen.resize(lines=max(1, lines), columns=max(1, columns))

    def take_replies(self) -> bytes:
        """The answers to the program's questions since the last call."""
        replies = bytes(self.screen.replies)
        self.screen.replies.clear()
        return replies

    @property
    def columns(self) -> int:
        """The width."""
        return self.screen.columns

    @property
    def lines(self) -> int:
        """The height."""
        return self.screen.lines

    @property
    def cursor(self) -> Cursor:
        """The cursor: ``row``, ``column``, ``visible``, ``shape``, ``blink``."""
        return self.screen.cursor

    @property
    def modes(self) -> Modes:
        """The modes in force. A reset replaces the object: ask anew instead of keeping it."""
        return self.screen.modes

    @property
    def title(self) -> str:
        """The window title (OSC 0 and 2)."""
        return self.screen.title

    @property
    def icon_name(self) -> str:
        """The icon name (OSC 0 and 1)."""
        return self.screen.icon_name

    @property
    def directory(self) -> str:
        """The working directory the shell reported, a file URI (OSC 7)."""
        return self.screen.directory

    @property
    def shell(self) -> ShellIntegration:
        """What the shell reported of prompts and exit codes (OSC 133)."""
        return self.screen.shell

    @property
    def colors(self) -> Colors:
        """The palette, with the program's changes."""
        return self.screen.colors

    @property
    def clipboard(self) -> list[ClipboardRequest]:
        """Wishes to set the clipboard (OSC 52), oldest first; nothing is done about them here."""
        return self.screen.clipboard

    @property
    def bells(self) -> int:
        """How often the bell has rung."""
        return self.screen.bells

    @property
    def unknown(self) -> int:
        """How many control functions were not known."""
        return self.screen.unknown

    @property
    def unknown_sequences(self) -> dict[str, int]:
        """Which control functions were not known and how often each came, the commonest first; so
        that a user can report them. A hundred kinds at most are told apart."""
        kinds = self.screen.unknown_kinds.items()
        return dict(sorted(kinds, key=lambda kind: -kind[1]))

    def take_clipboard(self) -> list[ClipboardRequest]:
        """The wishes to set the clipboard since the last call."""
        requests = self.screen.clipboard
        self.screen.clipboard = []
        return requests

    def rows(self) -> list[list[str]]:
        """The text of every cell on the screen; a wide character is followed by an empty string."""
        return [line.texts() for line in self.screen.grid]

    def cell(self, row: int, column: int) -> Cell:
        """One cell of the screen."""
        return self.screen.row(row)[column]

    def history(self) -> list[list[str]]:
        """The rows that have scrolled off the top, oldest first."""
        return [self._fitted(line).texts() for line in self.screen.scrollback]

    def texts(self) -> Iterator[tuple[str, bool]]:
        """The text of each row, and whether it runs on in the next one; the scrollback's first.

        Reading them makes no cells: a long scrollback can be searched and stays small.
        """
        for line in (*self.screen.scrollback, *self.screen.grid):
            yield line.plain(), line.wrapped

    def marks(self) -> list[tuple[int, str]]:
        """The rows where a ``"prompt"`` or an ``"output"`` begins (OSC 133), as `line` counts."""
        rows = (*self.screen.scrollback, *self.screen.grid)
        first = -len(self.screen.scrollback)
        return [(index, line.mark) for index, line in enumerate(rows, first) if line.mark]

    @property
    def history_length(self) -> int:
        """How many rows have scrolled off and are kept."""
        return len(self.screen.scrollback)

    @property
    def history_total(self) -> int:
        """How many rows have ever scrolled off; tells a scrolled-back view how far to follow."""
        return self.screen.scrolled_total

    def line(self, index: int) -> Line:
        """A row: 0 is the top of the screen, -1 the newest row of the scrollback."""
        if index >= 0:
            return self.screen.row(index)
        return self._fitted(self.screen.scrollback[index])

    def _fitted(self, line: Line) -> Line:
        # Rows in the scrollback are brought to a new width only when somebody looks at them.
        return line.fit(self.screen.columns, self.screen.pens.default[" "]).fill()

    @property
    def dirty(self) -> set[int]:
        """The rows of the screen that have changed since `take_dirty`."""
        seen = self._seen
        grid = self.screen.grid
        if len(seen) != len(grid):
            return set(range(len(grid)))
        return {row for row, line in enumerate(grid) if line.version != seen[row]}

    def take_dirty(self) -> set[int]:
        """The rows that have changed since the last call."""
        dirty = self.dirty
        self._seen = [line.version for line in self.screen.grid]
        return dirty
