"""What the mouse does in a terminal: report to the program, or select text, or look back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import events

from widgets.terminal_selection import Selection, word_at
from widgets.vt.mouse import Action, Button, encode_mouse

if TYPE_CHECKING:
    from widgets.terminal import TerminalView

WHEEL_LINES = 3

_BUTTONS: Final[dict[int, Button]] = {0: "none", 1: "left", 2: "middle", 3: "right"}


class Pointer:
    """The mouse over one `TerminalView`. With shift held it selects whatever the program wants."""

    def __init__(self, view: TerminalView) -> None:
        self._view = view
        self._selecting = False
        self._last_move = (-1, -1)

    def down(self, event: events.MouseDown) -> None:
        """A button went down."""
        if self._reports(event):
            self._view.capture_mouse()
            self._report(event, "press", _BUTTONS.get(event.button, "none"))
        elif event.button == 1:
            self._view.clear_selection()
            self._view.capture_mouse()
            self._selecting = True
            point = self._point(event)
            self._view.selection = Selection(point, point)

    def move(self, event: events.MouseMove) -> None:
        """The mouse moved, with or without a button held."""
        if self._selecting and self._view.selection is not None:
            self._view.selection.end = self._point(event)
            self._view.refresh()
        elif self._reports(event) and (event.x, event.y) != self._last_move:
            self._last_move = (event.x, event.y)
            self._report(event, "move", _BUTTONS.get(event.button, "none"))

    def up(self, event: events.MouseUp) -> None:
        """A button was let go."""
        self._view.release_mouse()
        if not self._selecting:
            if self._reports(event):
                self._report(event, "release", _BUTTONS.get(event.button, "none"))
            return
        self._selecting = False
        selection = self._view.selection
        if selection is None or selection.anchor == selection.end:
            self._view.clear_selection()
        else:
            self._copy(selection)

    def click(self, event: events.Click) -> None:
        """A double click selects a word."""
        if event.chain != 2 or event.button != 1 or self._reports(event):
            return
        row, column = self._point(event)
        line = self._view.terminal.line(row - self._view.terminal.history_total)
        self._view.selection = word_at(line, row, column)
        self._view.refresh()
        self._copy(self._view.selection)

    def wheel(self, event: events.MouseEvent, *, up: bool) -> None:
        """The wheel: for the program where it wants it, else a look back."""
        data = b""
        if not self._view.scrolled and not event.shift:
            data = self._encode(event, "press", "wheel_up" if up else "wheel_down")
        if data:
            self._view.post_message(self._view.Sent(data))
        elif not self._view.terminal.modes.alternate_screen:
            self._view.scroll_back(WHEEL_LINES if up else -WHEEL_LINES)

    def _reports(self, event: events.MouseEvent) -> bool:
        tracking = self._view.terminal.modes.mouse_tracking != "none"
        return tracking and not event.shift and not self._view.scrolled

    def _report(self, event: events.MouseEvent, action: Action, button: Button) -> None:
        data = self._encode(event, action, button)
        if data:
            self._view.post_message(self._view.Sent(data))

    def _encode(self, event: events.MouseEvent, action: Action, button: Button) -> bytes:
        column, row = self._clamped(event)
        return encode_mouse(
            action,
            button,
            column,
            row,
            self._view.terminal.modes,
            shift=event.shift,
            alt=event.meta,
            ctrl=event.ctrl,
        )

    def _clamped(self, event: events.MouseEvent) -> tuple[int, int]:
        terminal = self._view.terminal
        return (
            max(0, min(event.x, terminal.columns - 1)),
            max(0, min(event.y, terminal.lines - 1)),
        )

    def _point(self, event: events.MouseEvent) -> tuple[int, int]:
        column, row = self._clamped(event)
        return row - self._view.scrolled + self._view.terminal.history_total, column

    def _copy(self, selection: Selection) -> None:
        text = selection.text(self._view.terminal)
        if text.strip():
            self._view.post_message(self._view.Copied(text))
