"""Restoring a screen somewhere else."""

from __future__ import annotations

import pytest

from widgets.vt import Terminal
from widgets.vt.snapshot import snapshot


def restored(terminal: Terminal) -> Terminal:
    fresh = Terminal(terminal.columns, terminal.lines)
    fresh.feed(snapshot(terminal))
    return fresh


def check_same(one: Terminal, other: Terminal) -> None:
    assert one.rows() == other.rows()
    for row in range(one.lines):
        assert one.line(row) == other.line(row)
    assert one.cursor == other.cursor
    assert one.modes == other.modes


@pytest.mark.parametrize(
    "data",
    [
        "plain\r\ntext",
        "\x1b[1;38;2;1;2;3;48;5;9mcolour\x1b[4:3;58:2::1:2:3munder\x1b[0m",
        "日本 👩\u200d💻 e\u0301 🇩🇪",
        "\x1b]8;;http://example.org/\x07link\x1b]8;;\x07",
        "\x1b[44m\x1b[2J",
        "x" * 20,
        "x" * 18 + "日",
        "\x1b[2;3r\x1b[?6h\x1b[2;2H",
        "\x1b[?69h\x1b[3;9s\x1b[2;5H",
        "\x1b[?1;1002;1006;1004;2004h\x1b=\x1b[>4;2m",
        "\x1b[5 q\x1b[?25l",
        "\x1b[3g\x1b[1;5H\x1bH",
        "\x1b(0lqk",
        '\x1b[1"qprotected',
        "\x1b[4h\x1b[?7l" + "x" * 30,
        "\x1b[?5h\x1b[?2026h",
    ],
)
def test_a_snapshot_shows_the_same(data: str) -> None:
    terminal = Terminal(20, 4)
    terminal.feed(data.encode())
    check_same(terminal, restored(terminal))


def test_the_main_screen_is_there_when_the_alternate_one_is_left() -> None:
    terminal = Terminal(20, 4)
    terminal.feed(b"$ vim\r\n\x1b[?1049h\x1b[Hediting")
    again = restored(terminal)
    check_same(terminal, again)
    for one in (terminal, again):
        one.feed(b"\x1b[?1049l")
    check_same(terminal, again)


def test_a_snapshot_asks_nothing_and_is_understood_entirely() -> None:
    terminal = Terminal(20, 4)
    terminal.feed(b"\x1b[1mtext\x1b[?1049h")
    again = restored(terminal)
    assert again.take_replies() == b""
    assert again.unknown == 0


def test_a_snapshot_carries_the_title_the_colours_and_the_saved_cursor() -> None:
    terminal = Terminal(20, 4)
    terminal.feed(b"\x1b]2;title\x07\x1b]4;1;#102030\x07\x1b]11;#405060\x07")
    terminal.feed(b"\x1b[2;5H\x1b[1m\x1b(0\x1b7\x1b(B\x1b[0m\x1b[Hx")
    again = restored(terminal)
    assert again.title == "title"
    assert again.colors.palette == {1: (0x10, 0x20, 0x30)}
    assert again.colors.background == (0x40, 0x50, 0x60)
    for one in (terminal, again):
        one.feed(b"\x1b8q")
    check_same(terminal, again)
