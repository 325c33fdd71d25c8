"""What the mouse does in a terminal: report to the program, or select text, or look back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import events

from widgets.terminal_links import link_at
from widgets.terminal_messages import Copied, LinkChosen, Sent
from widgets.terminal_selection import Kind, Selection, word_at
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
        elif event.button == 1 and not event.ctrl:
            self._view.capture_mouse()
            self._selecting = True
            point = self._view.look.point(event.x, event.y)
            if self._view.copy:
                self._view.copy.go_to(*point)
            kind: Kind = "rectangle" if event.meta else "text"
            self._view.look.selection = Selection(point, point, kind)
            self._view.refresh()

    def move(self, event: events.MouseMove) -> None:
        """The mouse moved, with or without a button held."""
        selection = self._view.look.selection
        if self._selecting and selection is not None:
            self._scroll_at_the_edge(event)
            selection.end = self._view.look.point(event.x, event.y)
            if self._view.copy:
                self._view.copy.go_to(*selection.end)
            self._view.refresh()
        elif self._reports(event) and (event.x, event.y) != self._last_move:
            self._last_move = (event.x, event.y)
            self._report(event, "move", _BUTTONS.get(event.button, "none"))

    def _scroll_at_the_edge(self, event: events.MouseEvent) -> None:
        """Dragged beyond the view, the selection goes on there."""
        if event.y < 0:
            self._view.scroll_back(1)
        elif event.y >= self._view.size.height:
            self._view.scroll_back(-1)

    def up(self, event: events.MouseUp) -> None:
        """A button was let go."""
        self._view.release_mouse()
        if not self._selecting:
            if self._reports(event):
                self._report(event, "release", _BUTTONS.get(event.button, "none"))
            return
        self._selecting = False
        selection = self._view.look.selection
        if selection is None or selection.anchor == selection.end:
            self._view.look.selection = None
            self._view.refresh()
        else:
            self._copy(selection)

    def click(self, event: events.Click) -> None:
        """A double click selects a word, a third one the line; with ctrl, a link is followed."""
        look = self._view.look
        if event.button != 1 or self._reports(event):
            return
        row, column = look.point(event.x, event.y)
        if event.ctrl:
            target = link_at(look.rows, row, column)
            if target is not None:
                self._view.post_message(LinkChosen(target))
            return
        if event.chain == 2:
            look.selection = word_at(look.rows.line(row), row, column)
        elif event.chain == 3:
            look.selection = Selection((row, 0), (row, 0), "lines")
        else:
            return
        self._view.refresh()
        self._copy(look.selection)

    def wheel(self, event: events.MouseEvent, *, up: bool) -> None:
        """The wheel: for the program where it wants it, else a look back."""
        data = b""
        if not self._view.look.stands and not event.shift:
            data = self._encode(event, "press", "wheel_up" if up else "wheel_down")
        if data:
            self._view.post_message(Sent(data))
        elif self._view.copy or not self._view.terminal.modes.alternate_screen:
            self._view.scroll_back(WHEEL_LINES if up else -WHEEL_LINES)

    def _reports(self, event: events.MouseEvent) -> bool:
        tracking = self._view.terminal.modes.mouse_tracking != "none"
        return tracking and not event.shift and not self._view.look.stands

    def _report(self, event: events.MouseEvent, action: Action, button: Button) -> None:
        data = self._encode(event, action, button)
        if data:
            self._view.post_message(Sent(data))

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

    def _copy(self, selection: Selection) -> None:
        text = selection.text(self._view.look.rows)
        if text.strip():
            self._view.post_message(Copied(text))
