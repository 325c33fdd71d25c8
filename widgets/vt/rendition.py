"""The control functions that change the pen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from widgets.vt.cells import Style
from widgets.vt.state import ScreenState

MAX_STACK: Final = 10


class Rendition(ScreenState):
    """SGR, DECSCA and the stack of pens."""

    def change_pen(self, sequence: str) -> None:
        """SGR, given as a whole sequence or several."""
        self.pen = self.pens.change(self.pen, sequence)

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
