"""Output is printed in slices, and nobody is forgotten who moves between the lanes."""

from __future__ import annotations

from collections.abc import Callable

from app.attachment import Attachment, Phase
from app.attachments import Attachments
from app.commands import Command
from app.output_pump import HIDDEN_PAUSE, PAUSE, OutputPump
from runtime.model import TerminalSize
from tests.unit.dashboard.known import CONTAINER

FLOOD = b"0123456789abcde\n" * 200_000


class Setting:
    """Two live terminals, a pump, and timers that a test lets run out."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.hidden: set[int] = set()
        attachments = Attachments(self.sent.append)
        self.one, self.two = (attachments.shell(CONTAINER) for _ in range(2))
        for each in (self.one, self.two):
            each.start(TerminalSize(rows=24, columns=80))
            each.phase = Phase.LIVE
        self.pump = OutputPump(attachments, self._set_timer, self._is_shown)

    def _set_timer(self, delay: float, callback: Callable[[], None]) -> None:
        self.timers.append((delay, callback))

    def _is_shown(self, attachment: Attachment) -> bool:
        return attachment.number not in self.hidden

    def run_timers(self) -> None:
        """Let all timers run out that there are now."""
        timers, self.timers = self.timers, []
        for _, callback in timers:
            callback()


def test_a_little_is_printed_at_once_and_without_a_timer() -> None:
    setting = Setting()
    setting.one.output(b"hello", replay=False)
    setting.pump.run()
    assert setting.one.terminal.line(0).plain().startswith("hello")
    assert setting.timers == []


def test_a_flood_is_printed_in_slices_until_it_is_done() -> None:
    setting = Setting()
    setting.one.output(FLOOD, replay=False)
    setting.pump.run()
    rounds = 0
    while setting.one.has_work:
        assert [delay for delay, _ in setting.timers] == [PAUSE]
        setting.pump.run()
        assert len(setting.timers) == 1, "news do not end the pause"
        setting.run_timers()
        rounds += 1
    assert rounds > 1
    assert setting.timers == []


def test_what_is_shown_does_not_wait_for_what_is_hidden() -> None:
    setting = Setting()
    setting.hidden = {setting.two.number}
    setting.two.output(FLOOD, replay=False)
    setting.pump.run()
    assert [delay for delay, _ in setting.timers] == [HIDDEN_PAUSE]
    setting.one.output(b"echo", replay=False)
    setting.pump.run()
    assert not setting.one.has_work
    assert setting.two.has_work


def test_who_is_hidden_amid_a_flood_goes_on_without_news() -> None:
    for hidden_first in (False, True):
        setting = Setting()
        numbers = {setting.one.number}
        setting.hidden = numbers if hidden_first else set()
        setting.one.output(FLOOD, replay=False)
        setting.pump.run()
        setting.hidden = set() if hidden_first else numbers
        while setting.one.has_work:
            assert setting.timers, "nothing would ever print the rest"
            setting.run_timers()
