"""Pens, and the cells written with them.

A pen is itself the table of its cells, so that writing a run of text is one dictionary look-up a
character and no object is made twice. That, with rows being plain lists, is where most of the speed
comes from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from widgets.vt.cells import PLAIN, Cell, Style
from widgets.vt.codes import FIRST_CODE, LAST_CODE, RIGHT_HALF
from widgets.vt.colors import DEFAULT, Color
from widgets.vt.width import cell_width, char_width

if TYPE_CHECKING:
    from widgets.vt.pen_table import PenTable

MAX_AFTER: Final = 512
"""How many SGR sequences a pen remembers the outcome of."""

NOWHERE: Final[dict[str, Pen]] = {}

_BYTE: Final = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})"
_COLOR: Final = f"{_BYTE};{_BYTE};{_BYTE}"

_DIRECT: Final = (
    rf"\[(?:38;2;({_COLOR})(?:(?:m\x1b\[|;)48;2;({_COLOR}))?"
    rf"|48;2;({_COLOR})(?:(?:m\x1b\[|;)38;2;({_COLOR}))?)m"
)

DIRECT: Final = re.compile(rf"(?:\x1b\[0?m)?\x1b{_DIRECT}")
"""A sequence that does nothing but give one or both colours 24 bits, maybe after a reset: what
pictures are made of."""

DIRECT_AFTER_ESC: Final = rf"(?:\[0?m\x1b)?{_DIRECT}"


class Family(dict[object, "Pen"]):
    """The pens of one style, by their colours; ``after`` is what they all know from the
    beginning."""

    __slots__ = ("after", "style")

    def __init__(self, style: Style, after: dict[str, Pen]) -> None:
        self.style = style
        self.after = after


class Pen(dict[str, Cell]):
    """Colours and attributes for new text, and the cells already written with them.

    ``after`` remembers which pen a given SGR sequence leads to; ``blank`` is the cell that erasing
    leaves behind under this pen; ``age`` is that of the table when the pen was made. A pen may be
    ``spelled`` as a sequence that gives its colours, which is only read when somebody asks.
    """

    __slots__ = (
        "after",
        "age",
        "background",
        "blank",
        "family",
        "foreground",
        "spelled",
        "style",
        "table",
    )

    foreground: Color
    background: Color
    spelled: str

    def __init__(self, table: PenTable, family: Family) -> None:
        self.table = table
        self.age = table.age
        self.family = family
        self.style = family.style
        self.after = family.after
        self.blank: Cell | None = None

    def __getattr__(self, name: str) -> Color:
        # Only called for what is not there: the colours of a pen that was spelled.
        if name not in {"foreground", "background"}:
            raise AttributeError(name)
        found = DIRECT.fullmatch(self.spelled)
        assert found is not None
        text = found[1] or found[4] if name == "foreground" else found[2] or found[3]
        red, green, blue = (int(channel) for channel in text.split(";"))
        color = (red, green, blue)
        setattr(self, name, color)
        return color

    def __missing__(self, text: str) -> Cell:
        table = self.table
        if text == RIGHT_HALF:
            text = ""
        elif FIRST_CODE <= text <= LAST_CODE:
            cell = self[text] = self[table.codes.cluster(text)]
            return cell
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
        known = self.family.after
        if self.after is known or len(self.after) >= MAX_AFTER:
            self.after = dict(known)
        self.after[sequence] = pen
