"""When the cursor of a terminal blinks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from widgets.terminal_cursor import Blink
from widgets.vt import Terminal


class FakeTimer:
    """A timer that a test lets run out, and what it was told."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.running = False

    def resume(self) -> None:
        self.running = True

    def pause(self) -> None:
        self.running = False

    def reset(self) -> None:
        pass


def blinking(data: bytes, *, focused: bool = True) -> bool:
    """Whether the cursor blinks after that output."""
    made: list[FakeTimer] = []

    def set_interval(_seconds: float, callback: Callable[[], None], *, pause: bool) -> Any:
        assert pause
        made.append(FakeTimer(callback))
        return made[0]

    terminal = Terminal(10, 2)
    terminal.feed(data)
    blink = Blink(set_interval, lambda: None)
    blink.update(terminal.cursor, focused=focused)
    return made[0].running


def test_it_blinks_where_the_program_asked_for_it_and_it_is_seen() -> None:
    assert blinking(b"\x1b[5 q")
    assert blinking(b"\x1b[1 q")
    assert not blinking(b"\x1b[5 q", focused=False)
    assert not blinking(b"\x1b[5 q\x1b[?25l")


def test_it_does_not_blink_unasked() -> None:
    assert not blinking(b"")
    assert not blinking(b"\x1b[2 q")
    assert not blinking(b"\x1b[5 q\x1b[0 q")


def test_what_happens_shows_it_again() -> None:
    redrawn: list[bool] = []
    timers: list[FakeTimer] = []

    def set_interval(_seconds: float, callback: Callable[[], None], **_: Any) -> Any:
        timers.append(FakeTimer(callback))
        return timers[0]

    terminal = Terminal(10, 2)
    terminal.feed(b"\x1b[3 q")
    blink = Blink(set_interval, lambda: redrawn.append(blink.on))
    blink.update(terminal.cursor, focused=True)
    timers[0].callback()
    assert redrawn == [False]
    blink.update(terminal.cursor, focused=True)
    assert blink.on
