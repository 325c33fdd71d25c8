"""An attached session on the screen's side: its emulator, its input, its flow control.

The emulator belongs to the attachment and not to the widget that shows it, so a terminal that
nobody looks at goes on printing. Output is fed in slices for as long as the caller has time.
"""

from __future__ import annotations

import collections
import enum
import time
from collections.abc import Callable

from app.commands import (
    Acknowledge,
    CloseInput,
    Command,
    Detach,
    Resize,
    Write,
)
from app.detaching import DetachKeys
from app.line_input import LineInput
from runtime.errors import ExectopError
from runtime.model import TerminalSize
from widgets.vt import Terminal

SLICE = 4096

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
_Item = tuple[bytes, bool] | TerminalSize | Callable[[], None]


class Attachment:
    """One attached session: what a terminal screen shows and types into.

    It starts when the widget's size is known (`start`), so that the program's first look at its
    terminal sees the size it really has.
    """

    def __init__(
        self, number: int, start: StartCommand, send: Send, *, label: str, title: str, tty: bool
    ) -> None:
        self.number = number
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
        self.bells = 0
        self.copied = ""
        self._bells_seen = 0
        self.changed: Callable[[], None] | None = None
        self._start = start
        self._send = send
        self._detach_keys = DetachKeys(b"")
        self._early = bytearray()
        self._line_input = LineInput()
        self._pending: collections.deque[_Item] = collections.deque()

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes and nothing more can be typed."""
        return self.phase in _OVER

    # -- from the screen

    def start(self, size: TerminalSize, detach_keys: bytes) -> None:
        """Start or attach, in a terminal of this size."""
        self.size = size
        self._detach_keys = DetachKeys(detach_keys)
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

    def press(self, data: bytes, plain: bytes) -> None:
        """A key for the program, or a detach key."""
        if self.is_over or self.phase is Phase.LEAVING:
            return
        self.write(self._detach_keys.press(data, plain))
        if self._detach_keys.detached:
            self.leave()

    @property
    def holds_key(self) -> bool:
        """Whether a key is held back because it may be the beginning of the detach keys."""
        return self._detach_keys.holds

    def flush_held(self) -> None:
        """The hold-back is over: the key was meant for the program."""
        self.write(self._detach_keys.flush())

    def write(self, data: bytes) -> None:
        """Bytes for the program that no person typed as keys: a paste, the mouse, replies."""
        if not data or self.is_over:
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
        self._pending.append((data, replay))

    def replay_size(self, size: TerminalSize) -> None:
        """The kept output that follows was printed at this size."""
        self._pending.append(size)

    def replay_done(self, *, truncated: bool) -> None:
        """All kept output was sent."""
        self.truncated = truncated
        self._pending.append(self._go_live)

    def ended(self, exit_code: int | None) -> None:
        """The session ended; what it printed before is printed first."""
        self.exit_code = exit_code
        self._pending.append(lambda: self._finish(Phase.ENDED))

    def failed(self, error: ExectopError) -> None:
        """It could not be started or attached to."""
        self.error = error
        self._pending.append(lambda: self._finish(Phase.FAILED))

    def left(self) -> None:
        """It was detached from."""
        self._pending.clear()
        self._finish(Phase.LEFT)

    # -- printing

    @property
    def has_work(self) -> bool:
        """Whether something waits to be printed."""
        return bool(self._pending)

    def work(self, budget: float) -> None:
        """Print what waits, for about `budget` seconds; then acknowledge it and answer queries."""
        until = time.monotonic() + budget
        taken = 0
        while self._pending:
            taken += self._work_item(self._pending.popleft())
            if time.monotonic() >= until:
                break
        if taken:
            self._send(Acknowledge(self.number, taken))
        self._tell()

    def _work_item(self, item: _Item) -> int:
        if isinstance(item, TerminalSize):
            self.terminal.resize(item.columns, item.rows)
            return 0
        if callable(item):
            item()
            return 0
        data, replay = item
        if len(data) > SLICE:
            self._pending.appendleft((data[SLICE:], replay))
            data = data[:SLICE]
        self.terminal.feed(data)
        self._take_effects(replay=replay)
        return len(data)

    def _take_effects(self, *, replay: bool) -> None:
        """Answers, bells, the clipboard: what is only replayed had its effect long ago."""
        replies, copied = self.terminal.take_replies(), self.terminal.take_clipboard()
        bells, self._bells_seen = self.terminal.bells - self._bells_seen, self.terminal.bells
        if replay or self.phase is not Phase.LIVE:
            return
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
