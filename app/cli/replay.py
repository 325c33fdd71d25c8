"""Coming back to a session: its kept output becomes the screen as it would be now."""

from __future__ import annotations

from runtime.model import TerminalSize
from widgets.vt import Terminal
from widgets.vt.snapshot import snapshot


class ScreenReplay:
    """Plays kept output into an emulator and tells how to paint its screen.

    Sending the output itself would scroll by for ages, ring every bell of the past and make the
    terminal answer questions that were answered long ago.
    """

    def __init__(self, size: TerminalSize) -> None:
        self._size = size
        self._terminal = Terminal(size.columns, size.rows)

    def feed(self, data: bytes) -> None:
        """Take kept output; what it asks of a terminal is not answered again."""
        self._terminal.feed(data)
        self._terminal.take_replies()

    def resize(self, size: TerminalSize) -> None:
        """From here on the output was printed at this size."""
        self._terminal.resize(size.columns, size.rows)

    def paint(self) -> bytes:
        """The bytes that show the screen in a terminal of our own size."""
        self._terminal.resize(self._size.columns, self._size.rows)
        painting: bytes = snapshot(self._terminal)
        return painting
