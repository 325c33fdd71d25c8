"""The cursor, and what DECSC keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pyte.screens import Cursor as PyteCursor

from widgets.vt.pens import Pen

Shape = Literal["block", "underline", "bar"]

_SHAPES: Final[dict[int, tuple[Shape, bool]]] = {
    0: ("block", True),
    1: ("block", True),
    2: ("block", False),
    3: ("underline", True),
    4: ("underline", False),
    5: ("bar", True),
    6: ("bar", False),
}


class Cursor(PyteCursor):
    """Where the next character goes.

    ``pending_wrap`` is set once a character stands in the last column: the cursor stays there
    and the next character goes to the next row first (the VT100's "last column flag").
    """

    __slots__ = ("blink", "pending_wrap", "shape", "style_number")

    def __init__(self) -> None:
        super().__init__(0, 0)
        self.pending_wrap = False
        self.shape: Shape = "block"
        self.blink = True
        self.style_number = 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cursor):
            return NotImplemented
        return self._look() == other._look()

    __hash__ = None  # type: ignore[assignment]

    def _look(self) -> tuple[object, ...]:
        return self.x, self.y, self.pending_wrap, self.hidden, self.shape, self.blink

    @property
    def row(self) -> int:
        """The row, counted from 0 at the top of the screen."""
        return self.y

    @property
    def column(self) -> int:
        """The column, counted from 0; never beyond the last one."""
        return self.x

    @property
    def visible(self) -> bool:
        """Whether the program wants the cursor seen (DECTCEM)."""
        return not self.hidden

    def set_style(self, number: int) -> bool:
        """Take the look that DECSCUSR gives a number; False when there is none."""
        if number not in _SHAPES:
            return False
        self.shape, self.blink = _SHAPES[number]
        self.style_number = number
        return True


@dataclass
class SavedCursor:
    """What DECSC saves and DECRC restores (VT510 manual, DECSC)."""

    x: int
    y: int
    pen: Pen
    pending_wrap: bool
    origin: bool
    charsets: tuple[str, str, str, str]
    shifted_to: int
