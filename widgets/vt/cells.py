"""What stands in one column of the screen, and the pen it was written with.

Cells are interned: a pen is itself the table of the cells written with it, so that writing a run of
text is one dictionary look-up a character and no object is made twice. That, with rows being plain
lists, is where most of the speed comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from widgets.vt.colors import DEFAULT, Color
from widgets.vt.width import cell_width, char_width


class Style(NamedTuple):
    """The attributes of a pen beside its two main colours (ECMA-48 SGR, xterm's extensions)."""

    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: str | None = None
    underline_color: Color = DEFAULT
    blink: bool = False
    inverse: bool = False
    hidden: bool = False
    strike: bool = False
    link: str | None = None
    protected: bool = False


PLAIN: Final = Style()

RIGHT_HALF: Final = "\uffff"
"""What stands for the right half of a wide character in a run of text: no character at all."""

MAX_AFTER: Final = 512
"""How many SGR sequences a pen remembers the outcome of."""

LONGEST_REMEMBERED: Final = 22
"""Sequences with two 24-bit colours, as pictures are made of, hardly ever come back."""

_NOWHERE: Final[dict[str, Pen]] = {}


class Cell:
    """One column: its text and how it is shown.

    ``text`` is a whole grapheme cluster, or empty in the right half of a wide character;
    ``width`` is the number of columns the text takes (0 in that right half).
    """

    __slots__ = ("pen", "text", "width")

    def __init__(self, text: str, pen: Pen, width: int) -> None:
        self.text = text
        self.pen = pen
        self.width = width

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cell):
            return NotImplemented
        return (self.text, self.width) == (other.text, other.width) and self.pen == other.pen

    def __hash__(self) -> int:
        return hash((self.text, self.pen))

    def __repr__(self) -> str:
        return f"Cell({self.text!r}, {self.pen!r})"

    @property
    def foreground(self) -> Color:
        """The text colour."""
        return self.pen.foreground

    @property
    def background(self) -> Color:
        """The colour behind the text."""
        return self.pen.background

    @property
    def bold(self) -> bool:
        """SGR 1."""
        return self.pen.style.bold

    @property
    def dim(self) -> bool:
        """SGR 2."""
        return self.pen.style.dim

    @property
    def italic(self) -> bool:
        """SGR 3."""
        return self.pen.style.italic

    @property
    def underline(self) -> str | None:
        """None, "single", "double", "curly", "dotted" or "dashed" (SGR 4, 21 and ``4:n``)."""
        return self.pen.style.underline

    @property
    def underline_color(self) -> Color:
        """The colour of the underline (SGR 58)."""
        return self.pen.style.underline_color

    @property
    def blink(self) -> bool:
        """SGR 5 and 6."""
        return self.pen.style.blink

    @property
    def inverse(self) -> bool:
        """SGR 7."""
        return self.pen.style.inverse

    @property
    def hidden(self) -> bool:
        """SGR 8."""
        return self.pen.style.hidden

    @property
    def strike(self) -> bool:
        """SGR 9."""
        return self.pen.style.strike

    @property
    def link(self) -> str | None:
        """The target of an OSC 8 hyperlink."""
        return self.pen.style.link

    @property
    def protected(self) -> bool:
        """Whether selective erase leaves the cell alone (DECSCA)."""
        return self.pen.style.protected


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
        if self.age != self.table.age or len(sequence) > LONGEST_REMEMBERED:
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
        self._pens: dict[tuple[Color, Color, Style], Pen] = {}
        self.age = 0
        self.cells = 0
        self.default = self.pen(DEFAULT, DEFAULT, PLAIN)

    def pen(self, foreground: Color, background: Color, style: Style) -> Pen:
        """The one pen with these attributes."""
        key = (foreground, background, style)
        pen = self._pens.get(key)
        if pen is None:
            if len(self._pens) >= self.MAX_PENS:
                self.forget()
            pen = self._pens[key] = Pen(self, foreground, background, style)
        return pen

    def forget(self) -> None:
        """Empty the table."""
        for pen in self._pens.values():
            pen.clear()
            pen.after = _NOWHERE
            pen.blank = None
        self._pens.clear()
        self.cells = 0
        self.age += 1
        self.default.age = self.age
        self._pens[self.default.key] = self.default
        self._on_forget()
