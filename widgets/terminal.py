"""The terminal on the screen: draws an emulator's rows, and turns keys and mouse into bytes.

It owns every key while it has the focus: nothing bubbles to the screen's or the app's bindings.
What is typed goes out as messages; whose session it is, the widget does not know.
"""

from __future__ import annotations

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from widgets.terminal_paint import Mark, Painter, TerminalPalette
from widgets.terminal_pointer import Pointer
from widgets.terminal_selection import Selection
from widgets.vt import Terminal
from widgets.vt.keys import encode_focus

SYNCHRONIZED_LIMIT = 0.15


class TerminalView(Widget, can_focus=True):
    """Shows a `Terminal` of exactly its own size."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "TerminalView { width: 1fr; height: 1fr; }"

    class Typed(Message):
        """A key, by Textual's name, and the character it types if it types one."""

        def __init__(self, key: str, character: str | None) -> None:
            super().__init__()
            self.key = key
            self.character = character

    class Pasted(Message):
        """Text was pasted."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Sent(Message):
        """Bytes for the program in this very view: the mouse, the focus."""

        def __init__(self, data: bytes) -> None:
            super().__init__()
            self.data = data

    class Resized(Message):
        """The widget has this size now, and the session shall have it."""

        def __init__(self, columns: int, lines: int) -> None:
            super().__init__()
            self.columns = columns
            self.lines = lines

    class Copied(Message):
        """Text was selected."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Scrolled(Message):
        """The view was moved `lines` rows back into what scrolled off; 0 is the live screen."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    def __init__(self, terminal: Terminal, palette: TerminalPalette, *, id: str) -> None:
        super().__init__(id=id)
        self.terminal = terminal
        self.scrolled = 0
        self.selection: Selection | None = None
        self._painter = Painter(palette, terminal.colors)
        self._pointer = Pointer(self)
        self._frozen = False
        self._cursor_hidden = False
        self._cursor_row = 0
        self._history_total = terminal.history_total
        self._held: Timer | None = None

    # -- drawing

    def freeze(self, frozen: bool) -> None:
        """Frozen, it draws a blank screen: nobody shall see kept output race by."""
        if frozen != self._frozen:
            self._frozen = frozen
            self.refresh()

    def hide_cursor(self) -> None:
        """Nothing can be typed any more."""
        self._cursor_hidden = True
        self.refresh()

    def set_palette(self, palette: TerminalPalette) -> None:
        """Draw in other colours."""
        self._painter = Painter(palette, self.terminal.colors)
        self.refresh()

    def catch_up(self) -> None:
        """It was out of view for a while: draw it wholly."""
        if self.is_attached and not self._frozen:
            self._show_held()
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
        terminal = self.terminal
        grown = terminal.history_total - self._history_total
        self._history_total = terminal.history_total
        dirty = terminal.take_dirty()
        if self.scrolled:
            self._look_back_to(min(self.scrolled + grown, terminal.history_length))
            self.refresh()
            return
        rows = {*dirty, self._cursor_row, terminal.cursor.row}
        self._cursor_row = terminal.cursor.row
        if len(rows) > terminal.lines // 2:
            self.refresh()
        else:
            width = self.size.width
            self.refresh(*(Region(0, row, width, 1) for row in rows))

    def render_line(self, y: int) -> Strip:
        """One row of the screen, or of what scrolled off it."""
        width, terminal = self.size.width, self.terminal
        base = self._painter.base
        if self._frozen or y >= terminal.lines:
            return Strip.blank(width, base)
        row = y - self.scrolled
        line = terminal.line(row)
        reverse = terminal.modes.reverse_screen
        strip = self._painter.paint(line, reverse=reverse, marks=self._marks(row, len(line)))
        return strip if len(line) == width else strip.adjust_cell_length(width, base)

    def _marks(self, row: int, width: int) -> list[Mark]:
        marks: list[Mark] = []
        if self.selection is not None:
            columns = self.selection.columns(row + self.terminal.history_total, width)
            if columns is not None:
                style = self.screen.get_component_rich_style("screen--selection")
                marks.append(Mark(*columns, style))
        cursor = self.terminal.cursor
        if row == cursor.row and cursor.visible and not (self.scrolled or self._cursor_hidden):
            style = self._painter.cursor_style(focused=self.has_focus, shape=cursor.shape)
            marks.append(Mark(cursor.column, cursor.column + 1, style))
        return marks

    # -- size and focus

    def on_resize(self, event: events.Resize) -> None:
        """The session follows the widget's size."""
        self.post_message(self.Resized(event.size.width, event.size.height))

    def on_focus(self) -> None:
        """Programs may want to know."""
        self.tell_focus(True)

    def on_blur(self) -> None:
        """Programs may want to know."""
        self.tell_focus(False)

    def tell_focus(self, gained: bool) -> None:
        """Tell the program of the focus, if it asked for that."""
        self.refresh()
        data = encode_focus(gained, self.terminal.modes)
        if data:
            self.post_message(self.Sent(data))

    # -- keys

    def check_consume_key(self, _key: str, _character: str | None) -> bool:
        """Every key belongs to the program."""
        return True

    def on_key(self, event: events.Key) -> None:
        """Nothing bubbles, so no binding of the screen or the app is ever reached."""
        event.stop()
        event.prevent_default()
        if event.key.startswith("shift+") and self._scroll_key(event.key):
            return
        self.post_message(self.Typed(event.key, event.character))

    def come_back(self) -> None:
        """Something is sent to the program: back to its screen, and nothing is selected."""
        self.clear_selection()
        self.scroll_back(-self.scrolled)

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
        self.post_message(self.Pasted(event.text))

    # -- looking back

    def scroll_back(self, lines: int) -> None:
        """Move the view that many rows back (negative: forward), as far as there are rows."""
        target = max(0, min(self.scrolled + lines, self.terminal.history_length))
        if target != self.scrolled:
            self._look_back_to(target)
            self.refresh()

    def _look_back_to(self, target: int) -> None:
        if target != self.scrolled:
            self.scrolled = target
            self.post_message(self.Scrolled(target))

    def clear_selection(self) -> None:
        """Nothing is selected any more."""
        if self.selection is not None:
            self.selection = None
            self.refresh()

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
        """A double click selects a word."""
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
