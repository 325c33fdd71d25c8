"""The terminal screen: one attached session, and a line that says where one is and how to leave."""

from __future__ import annotations

import time

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer

from app.attachment import Attachment, Phase
from runtime.model import TerminalSize
from widgets.status_line import Part, StatusLine
from widgets.terminal import TerminalView
from widgets.terminal_paint import TerminalPalette
from widgets.wording import printable

HOLD_BACK = 0.5
GRACE = 0.4


class TerminalScreen(Screen[Attachment]):
    """Shows an attachment from before its start until it was left or its end was seen."""

    AUTO_FOCUS = "#terminal"
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self,
        attachment: Attachment,
        palette: TerminalPalette,
        detach_keys: bytes,
        detach_names: str,
    ) -> None:
        super().__init__(id="terminal-screen")
        self.attachment = attachment
        self._palette = palette
        self._detach_keys = detach_keys
        self._detach_names = detach_names
        self._hold_back: Timer | None = None
        self._over_since: float | None = None

    def compose(self) -> ComposeResult:
        """The line above, the terminal, and a line below once there is something to say."""
        yield StatusLine(id="terminal-head")
        yield TerminalView(self.attachment.terminal, self._palette, id="terminal")
        yield StatusLine(id="terminal-foot")

    def on_mount(self) -> None:
        """Listen to the attachment."""
        self.query_one("#terminal-foot").display = False
        self.attachment.changed = self._changed
        self._show_head()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.attachment.changed = None

    # -- from the terminal

    @on(TerminalView.Resized)
    def _resized(self, event: TerminalView.Resized) -> None:
        """The first size starts the session, every other one it follows."""
        size = TerminalSize(rows=event.lines, columns=event.columns)
        if self.attachment.phase is Phase.WAITING:
            self.attachment.start(size, self._detach_keys)
        else:
            self.attachment.resize(size)
        self._changed()

    @on(TerminalView.Typed)
    def _typed(self, event: TerminalView.Typed) -> None:
        if self.attachment.is_over:
            self._leave_ended()
            return
        self.attachment.press(event.data, event.plain)
        self._restart_hold_back()

    @on(TerminalView.Sent)
    def _sent(self, event: TerminalView.Sent) -> None:
        self.attachment.flush_held()
        self.attachment.write(event.data)
        self._show_head()

    @on(TerminalView.Copied)
    def _copied(self, event: TerminalView.Copied) -> None:
        self.app.copy_to_clipboard(event.text)
        lines = event.text.count("\n") + 1
        what = f"{lines} lines" if lines > 1 else f"{len(event.text)} characters"
        self.notify(f"copied {what}", timeout=2)

    @on(TerminalView.Scrolled)
    def _scrolled(self) -> None:
        self._show_head()

    def _restart_hold_back(self) -> None:
        """A key that may begin the detach keys waits a moment, and that is shown."""
        if self._hold_back is not None:
            self._hold_back.stop()
            self._hold_back = None
        if self.attachment.holds_key:
            self._hold_back = self.set_timer(HOLD_BACK, self._hold_back_over)
        self._show_head()

    def _hold_back_over(self) -> None:
        self._hold_back = None
        self.attachment.flush_held()
        self._show_head()

    def _leave_ended(self) -> None:
        """Any key goes back; one typed in the moment of the end does not, it was meant for it."""
        if self._over_since is not None and time.monotonic() - self._over_since >= GRACE:
            self.dismiss(self.attachment)

    # -- from the attachment

    def _changed(self) -> None:
        attachment = self.attachment
        if not (self.is_mounted and self.app.is_running):
            return
        if attachment.phase in (Phase.LEFT, Phase.FAILED):
            if self.is_current:
                self.dismiss(attachment)
            return
        view = self.query_one(TerminalView)
        view.freeze(attachment.phase is Phase.REPLAYING)
        view.show_changes()
        self._ring()
        self._copy_for_program()
        if attachment.is_over and self._over_since is None:
            self._over_since = time.monotonic()
            view.hide_cursor()
            self._show_foot()
        self._show_head()

    def _ring(self) -> None:
        if self.attachment.bells:
            self.attachment.bells = 0
            self.app.bell()

    def _copy_for_program(self) -> None:
        """What the program put on the clipboard (OSC 52)."""
        if self.attachment.copied:
            self.app.copy_to_clipboard(self.attachment.copied)
            self.attachment.copied = ""

    def _show_foot(self) -> None:
        foot = self.query_one("#terminal-foot", StatusLine)
        code = self.attachment.exit_code
        ended = "the session ended, its exit code was lost"
        if code is not None:
            ended = f"exited with code {code}"
        look = "good" if code == 0 else "bad"
        foot.show(((f" ■ {ended}", look), ("  press any key to go back", "muted")))
        foot.display = True

    def _show_head(self) -> None:
        attachment = self.attachment
        left: list[Part] = [
            (f" {printable(attachment.label)} ", "brand"),
            (f" {printable(attachment.terminal.title or attachment.title)}", "strong"),
        ]
        if attachment.phase is not Phase.LIVE and not attachment.is_over:
            left.append((f"  {attachment.phase.value} …", "muted"))
        if not attachment.tty:
            left.append(("  no tty", "muted"))
        self.query_one("#terminal-head", StatusLine).show(tuple(left), self._right_parts())

    def _right_parts(self) -> tuple[Part, ...]:
        attachment, size = self.attachment, self.attachment.size
        parts: list[Part] = []
        scrolled = self.query_one(TerminalView).scrolled
        if scrolled:
            parts.append((f"  ↑ {scrolled} lines  ", "accent"))
        parts.append((f"  {size.columns}x{size.rows}  ", "muted"))
        if attachment.is_over:
            return tuple(parts)
        if attachment.holds_key:
            first, _, rest = self._detach_names.partition(" ")
            parts.append((f"{first} … {rest} detaches ", "accent"))
        elif self._detach_names:
            parts.append((f"{self._detach_names} ", "key"))
            parts.append(("detaches ", "muted"))
        return tuple(parts)
