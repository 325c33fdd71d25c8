"""When the cursor of a terminal is to be seen: it blinks where the program asked for that."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer

from widgets.vt import Cursor

HALF_PERIOD = 0.53


class Blink:
    """On and off. What is typed or printed shows the cursor again for half a period."""

    def __init__(self, set_interval: Callable[..., Timer], redraw: Callable[[], None]) -> None:
        self.on = True
        self._redraw = redraw
        self._timer = set_interval(HALF_PERIOD, self._toggle, pause=True)
        self._running = False

    def update(self, cursor: Cursor, *, focused: bool) -> None:
        """Something happened: the cursor is on, and blinks from now if it is to."""
        # Style 0 is the terminal's own choice, and ours is not to blink.
        running = focused and cursor.visible and cursor.blink and cursor.style_number != 0
        self.on = True
        if running:
            self._timer.reset()
        if running != self._running:
            self._running = running
            (self._timer.resume if running else self._timer.pause)()

    def _toggle(self) -> None:
        self.on = not self.on
        self._redraw()
