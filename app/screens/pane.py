"""One terminal on the screen: an attachment, a line above it among others, a line below its end."""

from __future__ import annotations

import time

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from app.attachment import Attachment, Phase
from app.program_clipboard import ClipboardPolicy, ProgramClipboard
from runtime.model import TerminalSize
from widgets import terminal_messages as view_news
from widgets.status_line import Part, StatusLine
from widgets.terminal import TerminalView
from widgets.terminal_paint import TerminalPalette
from widgets.tiles import Tile

GRACE = 0.4
FLASH = 0.4


class Pane(Tile):
    """Shows an attachment from before its start until it was left or its end was seen."""

    DEFAULT_CSS = "Pane { layout: vertical; }"

    class Changed(Message):
        """Something about the attachment is different now."""

        def __init__(self, pane: Pane) -> None:
            super().__init__()
            self.pane = pane

    class Sent(Message):
        """Bytes for the program in this pane."""

        def __init__(self, pane: Pane, data: bytes) -> None:
            super().__init__()
            self.pane = pane
            self.data = data

    def __init__(
        self, attachment: Attachment, palette: TerminalPalette, policy: ClipboardPolicy
    ) -> None:
        super().__init__(attachment.number)
        self.attachment = attachment
        self.clipboard = ProgramClipboard(policy)
        self.view = TerminalView(attachment.terminal, palette, id=f"terminal-{attachment.number}")
        self.head = StatusLine(id="pane-head")
        self.foot = StatusLine(id="pane-foot")
        self.head.display = self.foot.display = False
        self.printed_seen = 0
        self.bells_seen = 0
        self.flashing = False
        self._bells_rung = 0
        self._over_since: float | None = None

    def compose(self) -> ComposeResult:
        """The line above, the terminal, and a line below once there is something to say."""
        yield self.head
        yield self.view
        yield self.foot

    def on_mount(self) -> None:
        """Listen to the attachment."""
        self.attachment.changed = self._changed

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.attachment.changed = None

    # -- what is told of it

    @property
    def unread(self) -> bool:
        """Whether it printed something since it was last seen."""
        return self.attachment.printed != self.printed_seen

    @property
    def rang(self) -> bool:
        """Whether its bell rang since it was last seen."""
        return self.attachment.bells != self.bells_seen

    def see(self) -> None:
        """It is looked at: nothing is unread."""
        self.printed_seen = self.attachment.printed
        self.bells_seen = self.attachment.bells

    @property
    def may_close(self) -> bool:
        """Whether a key closes it: one typed in the moment of the end was meant for the program."""
        since = self._over_since
        return since is not None and time.monotonic() - since >= GRACE

    def show_head(self, left: tuple[Part, ...], right: tuple[Part, ...]) -> None:
        """Say whose terminal this is; without words, the line is not there."""
        self.head.show(left, right)
        if self.head.display != bool(left):
            self.head.display = bool(left)

    # -- from the terminal and the attachment

    @on(view_news.Resized)
    def _resized(self, event: view_news.Resized) -> None:
        """The first size starts the session, every other one it follows."""
        event.stop()
        if not (event.lines and event.columns):
            return
        size = TerminalSize(rows=event.lines, columns=event.columns)
        if self.attachment.phase is Phase.WAITING:
            self.attachment.start(size)
        else:
            self.attachment.resize(size)
        self._changed()

    @on(view_news.Sent)
    def _sent(self, event: view_news.Sent) -> None:
        event.stop()
        self.post_message(self.Sent(self, event.data))

    def _changed(self) -> None:
        attachment = self.attachment
        if not (self.is_mounted and self.app.is_running):
            return
        self.view.freeze(attachment.phase is Phase.REPLAYING)
        if self.display:
            self.view.show_changes()
        if attachment.phase is Phase.ENDED and self._over_since is None:
            self._over_since = time.monotonic()
            self.view.hide_cursor()
            self._show_foot()
        self._ring()
        self._take_wish()
        self.post_message(self.Changed(self))

    def _ring(self) -> None:
        """The bell flashes, seen or not; while it does, ringing again changes nothing."""
        if self.attachment.bells == self._bells_rung:
            return
        self._bells_rung = self.attachment.bells
        if not self.flashing:
            self.flashing = True
            self.app.bell()
            self.set_timer(FLASH, self._end_flash)

    def _end_flash(self) -> None:
        self.flashing = False
        self.post_message(self.Changed(self))

    def _take_wish(self) -> None:
        """What the program wants on the clipboard (OSC 52)."""
        text, self.attachment.copied = self.attachment.copied, None
        if text is not None and self.clipboard.ask(text) is not None:
            self.app.copy_to_clipboard(text)

    def _show_foot(self) -> None:
        code = self.attachment.exit_code
        ended = "the session ended, its exit code was lost"
        if code is not None:
            ended = f"exited with code {code}"
        look = "good" if code == 0 else "bad"
        self.foot.show(((f" ■ {ended}", look), ("  press any key to close", "muted")))
        self.foot.display = True
