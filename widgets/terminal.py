"""The terminal on the screen: draws an emulator's rows, and tells of keys and the mouse.

It owns every key while it has the focus: nothing bubbles to the screen's or the app's bindings.
What is typed goes out as messages; whose session it is, the widget does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.filter import LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from widgets.terminal_copy import CopyMode
from widgets.terminal_cursor import Blink
from widgets.terminal_look import Look
from widgets.terminal_marks import marks_on
from widgets.terminal_messages import Copied, Looked, Pasted, Resized, Sent, Typed
from widgets.terminal_paint import Painter, TerminalPalette
from widgets.terminal_pointer import Pointer
from widgets.vt import Terminal
from widgets.vt.keys import encode_focus

SYNCHRONIZED_LIMIT = 0.15


class TerminalView(Widget, can_focus=True):
    """Shows a `Terminal` of exactly its own size."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "TerminalView { width: 1fr; height: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "terminal--selection",
        "terminal--hit",
        "terminal--hit-here",
        "terminal--copy-cursor",
    }

    def __init__(self, terminal: Terminal, palette: TerminalPalette, *, id: str) -> None:
        super().__init__(id=id)
        self.terminal = terminal
        self.look = Look(terminal)
        self.painter = Painter(palette, terminal.colors)
        self.cursor_hidden = False
        self._pointer = Pointer(self)
        self._frozen = False
        self._cursor_row = 0
        self._held: Timer | None = None
        self._blink: Blink | None = None

    def on_mount(self) -> None:
        """The cursor may blink from now on."""
        self._blink = Blink(self.set_interval, self._refresh_cursor)

    # -- drawing

    def freeze(self, frozen: bool) -> None:
        """Frozen, it draws a blank screen: nobody shall see kept output race by."""
        if frozen != self._frozen:
            self._frozen = frozen
            self.refresh()

    def hide_cursor(self) -> None:
        """Nothing can be typed any more."""
        self.cursor_hidden = True
        self.refresh()

    @property
    def cursor_on(self) -> bool:
        """Whether the cursor is to be drawn now: it blinks, and nobody types into what is over."""
        return not self.cursor_hidden and (self._blink is None or self._blink.on)

    def set_palette(self, palette: TerminalPalette) -> None:
        """Draw in other colours."""
        self.painter = Painter(palette, self.terminal.colors)
        self.refresh()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: the colours are the program's, whatever is done to ours (NO_COLOR)."""
        return []

    def catch_up(self) -> None:
        """It was out of view for a while: draw it wholly."""
        self.look.follow()
        self.refresh()

    def show_changes(self) -> None:
        """Draw the rows that changed since the last call; those of one frame at once."""
        if self._frozen or not self.is_attached:
            return
        if self.terminal.modes.synchronized:
            self._held = self._held or self.set_timer(SYNCHRONIZED_LIMIT, self._show_held)
            return
        self._show_held()

    def _show_held(self) -> None:
        if self._held is not None:
            self._held.stop()
            self._held = None
        terminal, scrolled = self.terminal, self.look.scrolled
        self.look.follow()
        dirty = terminal.take_dirty()
        if self.look.stands:
            if self.look.scrolled != scrolled:
                self.post_message(Looked())
            return
        self._update_blink()
        rows = {*dirty, self._cursor_row, terminal.cursor.row}
        self._cursor_row = terminal.cursor.row
        if len(rows) > terminal.lines // 2:
            self.refresh()
        else:
            width = self.size.width
            self.refresh(*(Region(0, row, width, 1) for row in rows))

    def _update_blink(self) -> None:
        if self._blink is not None:
            self._blink.update(self.terminal.cursor, focused=self.has_focus)

    def _refresh_cursor(self) -> None:
        if not self.look.stands:
            self.refresh(Region(0, self.terminal.cursor.row, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One row of what one looks at."""
        width, base = self.size.width, self.painter.base
        line = None if self._frozen or y >= self.terminal.lines else self.look.line(y)
        if line is None:
            return Strip.blank(width, base)
        reverse = self.terminal.modes.reverse_screen
        strip = self.painter.paint(line, reverse=reverse, marks=marks_on(self, y, len(line)))
        return strip if len(line) == width else strip.adjust_cell_length(width, base)

    # -- size and focus

    def on_resize(self, event: events.Resize) -> None:
        """The session follows the widget's size."""
        if (event.size.width, event.size.height) != (self.terminal.columns, self.terminal.lines):
            self.look.forget_rows()
            self.post_message(Looked())
        self.post_message(Resized(event.size.width, event.size.height))

    def on_focus(self) -> None:
        """Programs may want to know."""
        self.tell_focus(True)

    def on_blur(self) -> None:
        """Programs may want to know."""
        self.tell_focus(False)

    def tell_focus(self, gained: bool) -> None:
        """Tell the program of the focus, if it asked for that."""
        self._update_blink()
        self.refresh()
        data = encode_focus(gained, self.terminal.modes)
        if data:
            self.post_message(Sent(data))

    # -- keys

    def check_consume_key(self, _key: str, _character: str | None) -> bool:
        """Every key belongs to the program."""
        return True

    def on_key(self, event: events.Key) -> None:
        """Nothing bubbles, so no binding of the screen or the app is ever reached."""
        event.stop()
        event.prevent_default()
        if not (event.key.startswith("shift+") and self._scroll_key(event.key)):
            self.post_message(Typed(event.key, event.character))

    def _scroll_key(self, key: str) -> bool:
        """Keys that look back; with nothing to look back at they are the program's."""
        page = max(1, self.size.height - 1)
        moves = {
            "shift+pageup": page,
            "shift+pagedown": -page,
            "shift+home": self.terminal.history_length,
            "shift+end": -self.terminal.history_length,
        }
        if key not in moves or self.terminal.modes.alternate_screen:
            return False
        self.scroll_back(moves[key])
        return True

    def on_paste(self, event: events.Paste) -> None:
        """A paste is not typing: nothing in it is a key."""
        event.stop()
        event.prevent_default()
        self.post_message(Pasted(event.text))

    # -- looking back, and copying

    @property
    def copy(self) -> CopyMode | None:
        """Copy mode, while it lasts."""
        return self.look.copy

    def begin_copy(self) -> CopyMode:
        """Begin copy mode; what is printed from now on does not move the view."""
        copy = self.look.begin_copy()
        self.redraw()
        return copy

    def copy_key(self, key: str, character: str | None) -> None:
        """A key in copy mode."""
        if self.copy is None:
            return
        outcome = self.copy.press(key, character)
        if outcome.copied is not None:
            self.post_message(Copied(outcome.copied))
        if outcome.left:
            self.look.end_copy()
        self.redraw()

    def come_back(self) -> None:
        """Something is sent to the program: back to its screen, and nothing is selected."""
        if self.copy is None and (self.look.scrolled or self.look.selection):
            self.look.selection = None
            self.look.scroll_back(-self.look.scrolled)
            self.redraw()

    def scroll_back(self, lines: int) -> None:
        """Move the view that many rows back (negative: forward), as far as there are rows."""
        if self.look.scroll_back(lines):
            self.redraw()

    def redraw(self) -> None:
        """The view is another one."""
        self.refresh()
        self.post_message(Looked())

    # -- the mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A button went down: the program's, or the beginning of a selection."""
        event.stop()
        self._pointer.down(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """A button was let go: the program's, or the end of a selection."""
        event.stop()
        self._pointer.up(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The mouse moved: the program's, or the selection follows."""
        event.stop()
        self._pointer.move(event)

    def on_click(self, event: events.Click) -> None:
        """A double click selects a word, a third one the line; with ctrl, a link is followed."""
        event.stop()
        self._pointer.click(event)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel: the program's, arrow keys on the alternate screen, or looking back."""
        event.stop()
        event.prevent_default()
        self._pointer.wheel(event, up=True)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel: the program's, arrow keys on the alternate screen, or looking back."""
        event.stop()
        event.prevent_default()
        self._pointer.wheel(event, up=False)
