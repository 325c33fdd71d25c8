"""What the screen consists of; the families of control functions work on it as mixins."""

from __future__ import annotations

from collections import deque
from typing import Final

import pyte

from widgets.vt.cells import Cell
from widgets.vt.colors import Colors
from widgets.vt.cursor import Cursor, SavedCursor
from widgets.vt.line import Line, unwritten_line
from widgets.vt.modes import Modes
from widgets.vt.pen_table import PenTable
from widgets.vt.pens import Pen

MAX_REPLIES: Final = 16_384
"""Bytes of answers kept for a program that asks without reading."""

MAX_AGES: Final = 6
"""How often the table of pens may fill up before the rows of the first time are dropped."""

MAX_UNKNOWN: Final = 100
"""How many kinds of unknown control functions are told apart."""

MAX_NAME: Final = 40

ASCII_SETS: Final = ("B", "B", "B", "B")


class ScreenState(pyte.Screen):
    """The parts of the screen, and the few things every family of functions needs.

    Rows are lists of interned cells in ``grid``; pyte's own sparse ``buffer`` stays empty. The
    scroll region is ``top`` to ``bottom`` and ``left`` to ``right``, all inclusive.
    """

    cursor: Cursor

    def __init__(self, columns: int, lines: int, scrollback: int) -> None:
        self.columns = columns
        self.lines = lines
        self.pens = PenTable(self.note_pen_age)
        self.pen_ages: deque[int] = deque()
        self.is_writing = False
        self.colors = Colors()
        self.scrollback: deque[Line] = deque(maxlen=max(0, scrollback))
        self.scrolled_total = 0
        self.replies = bytearray()
        self.bells = 0
        self.unknown = 0
        self.unknown_kinds: dict[str, int] = {}
        # pyte's constructor calls reset(), which the whole screen defines.
        super().__init__(columns, lines)

    def power_on(self) -> None:
        """Set everything that a hard reset (RIS) sets back."""
        self.pen: Pen = self.pens.default
        self.modes = Modes()
        self.cursor = Cursor()
        self.grid: list[Line] = [self.blank_line() for _ in range(self.lines)]
        self.other_grid: list[Line] = [self.blank_line() for _ in range(self.lines)]
        self.saved: SavedCursor | None = None
        self.other_saved: SavedCursor | None = None
        self.stored_modes: dict[int, bool] = {}
        self.pen_stack: list[Pen] = []
        self.joinable = False
        self.on_last = False
        self.last_text = ""
        self.charsets: tuple[str, str, str, str] = ASCII_SETS
        self.shifted_to = 0
        self.single_shift: int | None = None
        self.translation: dict[int, str] | None = None
        self.tabstops = set(range(8, self.columns, 8))
        self.whole_screen()

    def note_pen_age(self) -> None:
        """Note that the table of pens has filled up with what was written.

        It also fills up when old rows are looked at, which says nothing about the newest ones.
        """
        if self.is_writing and self.scrolled_total not in self.pen_ages:
            self.pen_ages.append(self.scrolled_total)

    def bound_scrollback(self) -> None:
        """Drop the oldest rows when their cells are no longer shared with any others.

        Interned cells make a row cheap. A stream in which every cell is new would make ten thousand
        rows cost hundreds of megabytes: it keeps as many rows as it takes to fill the table of pens
        a few times.
        """
        while len(self.pen_ages) > MAX_AGES:
            allowed = self.scrolled_total - self.pen_ages.popleft()
            while len(self.scrollback) > allowed:
                self.scrollback.popleft()

    def whole_screen(self) -> None:
        """Let the scroll region be the whole screen."""
        self.top = 0
        self.bottom = self.lines - 1
        self.left = 0
        self.right = self.columns - 1
        self.margins_changed()

    def margins_changed(self) -> None:
        """Note what kind of region it is, so that scrolling need not find out each time."""
        self.full_width = self.left == 0 and self.right == self.columns - 1
        self.full_screen = self.full_width and self.top == 0 and self.bottom == self.lines - 1

    def blank_line(self) -> Line:
        """A new row of what erasing leaves."""
        return unwritten_line(self.columns, self.pen.erased())

    def row(self, y: int) -> Line:
        """A row of the screen, with its cells made."""
        return self.grid[y].fill()

    def blanks(self, count: int) -> list[Cell]:
        """Cells of what erasing leaves."""
        return [self.pen.erased()] * count

    def end_above(self, y: int) -> None:
        """Say that the text above this row does not run on into it."""
        if y > 0:
            self.grid[y - 1].wrapped = False
        elif self.scrollback and not self.modes.alternate_screen:
            self.scrollback[-1].wrapped = False

    def mend(self, line: Line, column: int) -> None:
        """Make a cut before this column clean: both halves of a wide character there become spaces.

        Whatever overwrites, erases or moves one half of a wide character must not leave the other.
        """
        if 0 < column < len(line) and not line[column].width:
            line[column - 1] = line[column - 1].pen[" "]
            line[column] = line[column].pen[" "]

    def reply(self, text: str) -> None:
        """Answer the program, unless it has left too many answers unread."""
        data = text.encode("ascii")
        if len(self.replies) + len(data) <= MAX_REPLIES:
            self.replies += data

    def nothing(self) -> None:
        """Obey a control function that is known and has no effect here."""

    def unknown_sequence(self, what: str) -> None:
        """Count a control function that is not known, under a name that people can report."""
        self.unknown += 1
        name = "".join(char if " " <= char <= "~" else "?" for char in what[:MAX_NAME])
        if name in self.unknown_kinds or len(self.unknown_kinds) < MAX_UNKNOWN:
            self.unknown_kinds[name] = self.unknown_kinds.get(name, 0) + 1
