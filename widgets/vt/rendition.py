"""The control functions that change the pen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from widgets.vt.cells import Style
from widgets.vt.sgr import Brush
from widgets.vt.state import ScreenState

_RESETS: Final = frozenset({"\x1b[m", "\x1b[0m"})

MAX_STACK: Final = 10


class Rendition(ScreenState):
    """SGR, DECSCA and the stack of pens."""

    def change_pen(self, sequence: str) -> None:
        """SGR, given as the whole sequence; the pen remembers where it leads."""
        before = self.pen
        if sequence in _RESETS and before.style.link is None and not before.style.protected:
            self.pen = self.pens.default
            return
        brush = Brush(before)
        brush.apply(sequence[2:-1])
        pens = self.pens
        size = pens.size
        self.pen = pens.pen(brush.foreground, brush.background, brush.style)
        if pens.size == size:
            # A pen that was there before will come again. One that is new may be a single dot of a
            # picture, and not worth remembering how it was got.
            before.remember(sequence, self.pen)

    def restyle(self, change: Callable[[Style], Style]) -> None:
        """Change the attributes that SGR has no part in (hyperlinks, protection)."""
        pen = self.pen
        self.pen = self.pens.pen(pen.foreground, pen.background, change(pen.style))

    def set_protection(self, number: int) -> None:
        """DECSCA: protect the text to come from selective erase, or not."""
        if number in {0, 1, 2}:
            self.restyle(lambda style: style._replace(protected=number == 1))

    def push_pen(self) -> None:
        """XTPUSHSGR."""
        if len(self.pen_stack) < MAX_STACK:
            self.pen_stack.append(self.pen)

    def pop_pen(self) -> None:
        """XTPOPSGR."""
        if self.pen_stack:
            self.pen = self.pen_stack.pop()
