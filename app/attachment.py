"""An attached session on the screen's side: its emulator, its input, its flow control.

The emulator belongs to the attachment and not to the widget that shows it, so a terminal that
nobody looks at goes on printing.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from app.commands import Acknowledge, CloseInput, Command, Detach, Resize, Write
from app.keys import Key
from app.line_input import LineInput
from app.printing import Printing
from runtime.errors import ExectopError
from runtime.model import TerminalSize
from widgets.vt import Terminal
from widgets.vt.keys import encode_paste

Send = Callable[[Command], None]


class Phase(enum.Enum):
    """Where an attachment is between the request and its end."""

    WAITING = "waiting for its size"
    STARTING = "starting"
    REPLAYING = "restoring the screen"
    LIVE = "live"
    LEAVING = "leaving"
    LEFT = "left"
    ENDED = "ended"
    FAILED = "failed"


_OVER = frozenset({Phase.LEFT, Phase.ENDED, Phase.FAILED})

StartCommand = Callable[[int, TerminalSize], Command]


class Attachment:
    """One attached session: what a terminal on the screen shows and types into.

    It starts when the widget's size is known (`start`), so that the program's first look at its
    terminal sees the size it really has. `printed` and `bells` count what happened live.
    """

    def __init__(
        self,
        number: int,
        start: StartCommand,
        send: Send,
        *,
        container_key: str,
        label: str,
        title: str,
        tty: bool,
    ) -> None:
        self.number = number
        self.container_key = container_key
        self.label = label
        self.title = title
        self.tty = tty
        self.session_id = ""
        self.phase = Phase.WAITING
        self.terminal = Terminal(80, 24)
        self.size = TerminalSize(rows=24, columns=80)
        self.exit_code: int | None = None
        self.error: ExectopError | None = None
        self.truncated = False
        self.printed = 0
        self.bells = 0
        self.copied: str | None = None
        self.changed: Callable[[], None] | None = None
        self._bells_seen = 0
        self._start = start
        self._send = send
        self._early = bytearray()
        self._line_input = LineInput()
        self._printing = Printing(self.terminal, self._take_effects)

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes and nothing more can be typed."""
        return self.phase in _OVER

    # -- from the screen

    def start(self, size: TerminalSize) -> None:
        """Start or attach, in a terminal of this size."""
        self.size = size
        self.terminal.resize(size.columns, size.rows)
        self.phase = Phase.STARTING
        if not self.tty:
            # Without a terminal driver nobody adds the carriage returns: line feed does both.
            self.terminal.feed(b"\x1b[20h")
        self._send(self._start(self.number, size))
        self.write(bytes(self._early))

    def resize(self, size: TerminalSize) -> None:
        """Follow the widget's size."""
        if size == self.size or self.phase is Phase.WAITING:
            return
        self.size = size
        if self.phase is not Phase.REPLAYING:
            self.terminal.resize(size.columns, size.rows)
        if not self.is_over:
            self._send(Resize(self.number, size))

    def press(self, key: Key) -> None:
        """A key for the program, as its modes want it."""
        self.write(key.encode(self.terminal.modes))

    @property
    def brackets_pastes(self) -> bool:
        """Whether the program can tell a paste from typing."""
        return self.terminal.modes.bracketed_paste

    def paste(self, text: str) -> None:
        """A paste, marked as such where the program asked for that."""
        self.write(encode_paste(text, self.terminal.modes))

    def write(self, data: bytes) -> None:
        """Bytes for the program."""
        if not data or self.is_over or self.phase is Phase.LEAVING:
            return
        if self.phase is Phase.WAITING:
            self._early += data
            return
        if self.tty:
            self._send(Write(self.number, data))
        else:
            self._write_line(data)

    def _write_line(self, data: bytes) -> None:
        typed = self._line_input.press(data)
        self.terminal.feed(typed.echo)
        if typed.send:
            self._send(Write(self.number, typed.send))
        if typed.end:
            self._send(CloseInput(self.number))
        self._tell()

    def leave(self) -> None:
        """Detach; the session goes on."""
        if self.is_over:
            return
        # Nobody has to wait for a start that hangs; the worker leaves when it comes to its end.
        starting = self.phase in (Phase.WAITING, Phase.STARTING)
        self.phase = Phase.LEFT if starting else Phase.LEAVING
        self._send(Detach(self.number))
        self._tell()

    # -- from the worker

    def attached(self, session_id: str) -> None:
        """The session is known and running."""
        self.session_id = session_id
        if self.phase is Phase.STARTING:
            self.phase = Phase.REPLAYING
        self._tell()

    def output(self, data: bytes, *, replay: bool) -> None:
        """Output to be printed when there is time (`work`)."""
        self._printing.add(data, replay=replay)

    def replay_size(self, size: TerminalSize) -> None:
        """The kept output that follows was printed at this size."""
        self._printing.add_size(size)

    def replay_done(self, *, truncated: bool) -> None:
        """All kept output was sent."""
        self.truncated = truncated
        self._printing.add_step(self._go_live)

    def ended(self, exit_code: int | None) -> None:
        """The session ended; what it printed before is printed first."""
        self.exit_code = exit_code
        self._printing.add_step(lambda: self._finish(Phase.ENDED))

    def failed(self, error: ExectopError) -> None:
        """It could not be started or attached to."""
        self.error = error
        self._printing.add_step(lambda: self._finish(Phase.FAILED))

    def left(self) -> None:
        """It was detached from."""
        self._printing.clear()
        self._finish(Phase.LEFT)

    # -- printing

    @property
    def has_work(self) -> bool:
        """Whether something waits to be printed."""
        return bool(self._printing)

    @property
    def waiting(self) -> int:
        """How many bytes wait to be printed."""
        return self._printing.size

    def work(self, budget: float) -> None:
        """Print what waits, for about `budget` seconds, and acknowledge it."""
        taken = self._printing.work(budget)
        if taken:
            self._send(Acknowledge(self.number, taken))
        self._tell()

    def _take_effects(self, replayed: bool) -> None:
        """Answers, bells, the clipboard: what is only replayed had its effect long ago."""
        replies, copied = self.terminal.take_replies(), self.terminal.take_clipboard()
        bells, self._bells_seen = self.terminal.bells - self._bells_seen, self.terminal.bells
        if replayed or self.phase is not Phase.LIVE:
            return
        self.printed += 1
        self.bells += bells
        if copied:
            self.copied = copied[-1].text
        if replies and self.tty:
            self._send(Write(self.number, replies))

    def _go_live(self) -> None:
        if self.phase is Phase.REPLAYING:
            self.phase = Phase.LIVE
        self.terminal.resize(self.size.columns, self.size.rows)

    def _finish(self, phase: Phase) -> None:
        self.terminal.resize(self.size.columns, self.size.rows)
        self.phase = phase
        self._tell()

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()
