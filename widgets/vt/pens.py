"""Pens, and the cells written with them.

A pen is itself the table of its cells, so that writing a run of text is one dictionary look-up a
character and no object is made twice. That, with rows being plain lists, is where most of the speed
comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final

from widgets.vt.cells import PLAIN, Cell, Style
from widgets.vt.colors import DEFAULT, Color
from widgets.vt.width import cell_width, char_width

RIGHT_HALF: Final = "\uffff"
"""What stands for the right half of a wide character in a run of text: no character at all."""

MAX_AFTER: Final = 512
"""How many SGR sequences a pen remembers the outcome of."""

_NOWHERE: Final[dict[str, Pen]] = {}


class Pen(dict[str, Cell]):
    """Colours and attributes for new text, and the cells already written with them.

    ``after`` remembers which pen a given SGR sequence leads to; ``blank`` is the cell that erasing
    leaves behind under this pen; ``age`` is that of the table when the pen was made.
    """

    __slots__ = ("after", "age", "background", "blank", "foreground", "style", "table")

    def __init__(self, table: PenTable, foreground: Color, background: Color, style: Style) -> None:
        self.table = table
        self.age = table.age
        self.foreground = foreground
        self.background = background
        self.style = style
        self.after: dict[str, Pen] = _NOWHERE
        self.blank: Cell | None = None

    def __missing__(self, text: str) -> Cell:
        table = self.table
        if text == RIGHT_HALF:
            text = ""
        if table.cells >= table.MAX_CELLS:
            table.forget()
            self.clear()
        table.cells += 1
        cell = Cell(text, self, char_width(text) if len(text) == 1 else cell_width(text))
        self[text or RIGHT_HALF] = cell
        return cell

    def cells(self, text: str) -> Sequence[Cell]:
        """The cells for a run of characters that take a column each."""
        return itemgetter(*text)(self) if len(text) > 1 else (self[text],)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Pen):
            return NotImplemented
        return self.key == other.key

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Pen{self.key!r}"

    @property
    def key(self) -> tuple[Color, Color, Style]:
        """Everything that tells this pen from another."""
        return self.foreground, self.background, self.style

    def erased(self) -> Cell:
        """The cell that erasing leaves: a space of the background colour alone (xterm's BCE)."""
        cell = self.blank
        if cell is None:
            cell = self.blank = self.table.pen(DEFAULT, self.background, PLAIN)[" "]
        return cell

    def remember(self, sequence: str, pen: Pen) -> None:
        """Keep where a sequence leads, so that it need not be read again."""
        if self.age != self.table.age:
            return
        if self.after is _NOWHERE or len(self.after) >= MAX_AFTER:
            self.after = {}
        self.after[sequence] = pen


class PenTable:
    """All pens of one terminal.

    Bounded: when a program has invented too many colours or characters, the table forgets them all
    and grows older by one. Cells on the screen stay valid, they are only no longer shared with what
    is written next. ``on_forget`` is told, so that the scrollback can be bounded by it too.
    """

    MAX_PENS: Final = 4096
    MAX_CELLS: Final = 20_000

    def __init__(self, on_forget: Callable[[], None]) -> None:
        self._on_forget = on_forget
        # By style first: a pair of colours is nothing that the garbage collector needs to follow,
        # which counts when a picture makes a new pen for every cell.
        self._families: dict[Style, dict[tuple[Color, Color], Pen]] = {}
        self.size = 0
        self.age = 0
        self.cells = 0
        self.default = self.pen(DEFAULT, DEFAULT, PLAIN)

    def pen(self, foreground: Color, background: Color, style: Style) -> Pen:
        """The one pen with these attributes."""
        family = self._families.get(style)
        if family is None:
            family = self._families[style] = {}
        colors = (foreground, background)
        pen = family.get(colors)
        if pen is None:
            if self.size >= self.MAX_PENS:
                self.forget()
                family = self._families.setdefault(style, {})
            pen = family[colors] = Pen(self, foreground, background, style)
            self.size += 1
        return pen

    def forget(self) -> None:
        """Empty the table."""
        for family in self._families.values():
            for pen in family.values():
                pen.clear()
                pen.after = _NOWHERE
                pen.blank = None
        default = self.default
        self._families = {PLAIN: {(DEFAULT, DEFAULT): default}}
        self.size = 1
        self.cells = 0
        self.age += 1
        default.age = self.age
        self._on_forget()
