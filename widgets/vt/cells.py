"""What stands in one column of the screen.

Cells are interned (see `pens`): a cell is never changed, only replaced, and equal ones are nearly
always the same object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from widgets.vt.colors import DEFAULT, Color

if TYPE_CHECKING:
    from widgets.vt.pens import Pen


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
