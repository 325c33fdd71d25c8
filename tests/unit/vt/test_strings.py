"""Control strings and broken sequences: nothing leaks onto the screen, nothing grows for ever."""

from __future__ import annotations

import tracemalloc

import pytest

from widgets.vt import Terminal


def shown(data: str) -> str:
    terminal = Terminal(20, 2)
    terminal.feed(data.encode())
    return "".join(terminal.rows()[0]).rstrip()


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[!p",
        "\x1b[<u",
        "\x1b[=5u",
        "\x1b[>1u",
        "\x1b[=c",
        '\x1b["q',
        "\x1b[#p",
        "\x1b F",
        "\x1b[* A",
        "\x1b[4:3m",
        "\x1b[>4;2m",
        "\x1b[?2;4r",
        "\x1b[?1A",
        "\x1b[5J",
        "\x1b[7K",
        "\x1b[9;5;9r",
        "\x1b[4;5;6n",
        "\x1b[?1;2\x1b[m",
        "\x1b[12\x18",
        "\x1b[12\x1a",
        "\x1b%G",
        "\x1bPq#0;2;0;0;0~~@@\x1b\\",
        "\x1bP+p\x07bell inside\x1b\\",
        "\x1b_Gf=100;payload\x1b\\",
        "\x1b^private\x1b\\",
        "\x1bXstart of string\x1b\\",
        "\x1b]9;notification\x07",
        "\x1b]2;title\x9c",
        "\x9b1m",
        "\x90payload\x9c",
        "\x1b]cut short\x18",
        "\x1bPcut short\x1a",
        "\x1b[" + "1;" * 5000 + "m",
        "\x1b[" + "9" * 5000 + "m",
        "\x1b]2;" + "x" * 20_000 + "\x07",
        "\x1b[\x1b[\x1b[m",
        "\x1b\x1b\x1b[m",
        "\x1b[1\x7f;1m",
        "\x00\x7f",
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_nothing_leaks_onto_the_screen(sequence: str, whole: bool) -> None:
    terminal = Terminal(20, 2)
    data = f"a{sequence}b".encode()
    for part in [data] if whole else [bytes([byte]) for byte in data]:
        terminal.feed(part)
    assert "".join(terminal.rows()[0]).rstrip() == "ab"


def test_controls_inside_a_sequence_are_carried_out() -> None:
    assert shown("abc\x1b[2\rCX") == "abX"


def test_an_escape_inside_a_string_begins_a_new_sequence() -> None:
    assert shown("\x1b]2;title\x1b[3GX") == "  X"


def test_an_endless_string_takes_no_memory() -> None:
    terminal = Terminal(20, 2)
    terminal.feed(b"\x1b]2;")
    tracemalloc.start()
    for _ in range(300):
        terminal.feed(b"x" * 65_536)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 4_000_000
    terminal.feed(b"\x07ok")
    assert "".join(terminal.rows()[0]).rstrip() == "ok"
    assert terminal.title == ""


def test_stacks_are_bounded() -> None:
    terminal = Terminal(20, 2)
    terminal.feed(b"\x1b[22t\x1b[#{" * 10_000)
    assert len(terminal.screen.titles) <= 10
    assert len(terminal.screen.pen_stack) <= 10
    terminal.feed(b"".join(b"\x1b]52;c;aGk=\x07" for _ in range(1000)))
    assert len(terminal.clipboard) <= 16


def test_a_stream_of_nothing_but_broken_sequences_is_not_slow() -> None:
    terminal = Terminal(80, 24)
    terminal.feed("\x9b".encode() * 30_000)
    terminal.feed(b"\x1b" * 30_000)
    terminal.feed(b"\x1b[" * 30_000)
    assert terminal.rows()[0] == [" "] * 80
