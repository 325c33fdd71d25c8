"""Pictures: text with 24-bit colours for every character, kept as written until somebody looks."""

from __future__ import annotations

import pytest

from widgets.vt import Terminal
from widgets.vt.dots import Dots

FOREGROUND, BACKGROUND = "\x1b[38;2;1;2;3m", "\x1b[48;2;4;5;6m"


def fed(text: str, columns: int = 10, *, in_pieces: bool = False) -> Terminal:
    """Byte by byte a sequence never comes in one piece, and nothing can be taken for a picture."""
    terminal = Terminal(columns, 3)
    data = text.encode()
    for start in range(0, len(data), 1 if in_pieces else len(data)):
        terminal.feed(data[start : start + 1] if in_pieces else data)
    return terminal


def picture(*dots: str) -> str:
    return "".join(f"\x1b[38;2;{number};0;0m{dot}" for number, dot in enumerate(dots))


PICTURES = [
    picture(*"abcdef"),
    picture(*"abcdefghijklmn"),
    picture(*"▀▀▀▀▀▀▀▀▀▀"),
    picture("ab", "cd", "ef", "gh"),
    picture(*"abcm"),
    picture(*"ab日本c"),
    picture(*"abcd") + "e\u0301\x1b[2b",
    picture(*"abcd") + "\u0301",
    picture(*"abc☝") + "\ufe0f",
    picture(*"abcd") + BACKGROUND + "x" + FOREGROUND + "y",
    picture(*"ab") + BACKGROUND + picture(*"cdefg") + "x",
    "\x1b[1;4;35;46m" + picture(*"abcd") + "\x1b[Kx",
    "".join(f"{BACKGROUND}{dot}\x1b[0m" for dot in "abcdef") + "x",
    "".join(f"\x1b[48;2;38;2;{n}m{n}" for n in range(6)) + "x",
    "".join(f"\x1b[38;2;{n};48;2m{n}" for n in range(6)) + "x",
    "".join(f"\x1b[38;2;{n};1;1;48;2;{n};2;2m{n}" for n in range(6)) + "\x1b[41mx",
    "".join(f"\x1b[48;2;{n};1;1m\x1b[38;2;{n};2;2m{n}" for n in range(6)),
    "".join(f"\x1b[38;2;{n};1;256m{n}" for n in range(6)),
    '\x1b]8;;http://a/\x07\x1b[1"q' + "".join(f"\x1b[0m{FOREGROUND}{n}" for n in range(6)) + "x",
    f"\x1b[1mz\x1b[0m{BACKGROUND}a{picture(*'bcde')}x",
    "\x1b(0" + picture(*"qqqqqq"),
    "\x1b*0\x1bN" + picture(*"qqqqqq"),
    "\x1b[4habc\r" + picture(*"123456"),
    "abc\r" + picture(*"123456"),
    "\x1b[?7l" + picture(*"abcdefghijklm"),
    "abc日d\x1b[44m\x1b[K\r\n" + picture(*"abcdefghij") + "x\x1b[2H" + picture(*"ABCDEFGHIJ"),
    picture(*"abcdefghij") + "x\r\n\x1b[H\x1b[4h" + picture(*"1234567"),
    picture(*"abcdefghij") + "\x1b[H" + picture(*"1234567") + "\x1b[K",
    "\x1b[4G" + picture(*"abcdef"),
    picture(*"abcdefghij") + "\x1b[6n" + picture(*"klmno"),
    "\x1b[?69h\x1b[2;6s\x1b[1;2H" + picture(*"abcdefgh"),
]


@pytest.mark.parametrize("text", PICTURES)
@pytest.mark.parametrize("columns", [10, 7])
def test_a_picture_is_what_its_parts_are(text: str, columns: int) -> None:
    whole, parts = fed(text, columns), fed(text, columns, in_pieces=True)
    for row in range(3):
        assert whole.line(row) == parts.line(row)
    assert whole.cursor == parts.cursor
    assert whole.screen.pen == parts.screen.pen
    assert whole.take_replies() == parts.take_replies()


def test_nothing_of_a_picture_is_read_before_somebody_looks() -> None:
    terminal = fed(picture(*"abcdefghij"))
    pens = terminal.screen.grid[0].pens
    assert pens is not None
    assert [type(pen) for pen in pens] == [Dots]
    assert next(text for text, _ in terminal.texts()) == "abcdefghij"
    assert terminal.screen.pens.size < 4
    assert [cell.foreground for cell in terminal.line(0)] == [(n, 0, 0) for n in range(10)]


def test_looking_at_pictures_drops_nothing_of_the_scrollback() -> None:
    terminal = Terminal(100, 5)
    for number in range(200):
        row = "".join(f"\x1b[38;2;{number};{x};9m\u2588" for x in range(100))
        terminal.feed(f"{row}\r\n".encode())
    kept = terminal.history_length
    assert kept > 100
    assert len(terminal.history()) == kept
    for index in range(-kept, 0):
        assert terminal.line(index)[99].foreground == (200 - 4 + index, 99, 9)
    terminal.feed(b"\r\n")
    assert terminal.history_length == kept + 1


def test_as_much_is_kept_of_pictures_when_they_are_looked_at_all_the_time() -> None:
    seen, unseen = Terminal(100, 5), Terminal(100, 5)
    for number in range(500):
        row = "".join(f"\x1b[38;2;{number % 250};{x};{number // 250}m\u2588" for x in range(100))
        for terminal in (seen, unseen):
            terminal.feed(f"{row}\r\n".encode())
        if number % 45 == 0:
            seen.history()
    assert seen.history_length == unseen.history_length
