"""Whatever bytes come, and however they are cut, the terminal stays whole."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from widgets.vt import Terminal
from widgets.vt.reflow import has_gap
from widgets.vt.snapshot import snapshot

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

numbers = st.one_of(st.just(""), st.integers(0, 30).map(str), st.sampled_from(["0", "99999", "80"]))
parameters = st.lists(numbers, max_size=4).map(";".join)
sequences = st.builds(
    lambda prefix, given_, middle, final: f"\x1b[{prefix}{given_}{middle}{final}",
    st.sampled_from(["", "", "", "", "?", ">", "=", "<"]),
    parameters,
    st.sampled_from(["", "", "", "", " ", "!", '"', "$", "'", "*", "#"]),
    st.sampled_from("@ABCDEFGHIJKLMPSTXZ^`abcdefghilmnpqrstuvwxyz{|}~"),
)
modes = st.builds(
    lambda number, final: f"\x1b[?{number}{final}",
    st.sampled_from(
        [
            1,
            3,
            5,
            6,
            7,
            12,
            25,
            40,
            42,
            45,
            47,
            66,
            69,
            95,
            1000,
            1002,
            1006,
            1045,
            1047,
            1048,
            1049,
            2004,
            2027,
        ]
    ),
    st.sampled_from("hhlsr"),
)
pens = st.sampled_from(
    [
        "\x1b[m",
        "\x1b[1;31m",
        "\x1b[7;44m",
        "\x1b[38;2;1;2;3m",
        "\x1b[48;5;200m",
        "\x1b[4:3;58:2::9:8:7m",
        "\x1b[2;3;5;8;9m",
        '\x1b[1"q',
        '\x1b[0"q',
        "\x1b]8;;http://example.org/\x1b\\",
        "\x1b]8;;\x07",
    ]
)
characters = st.sampled_from(
    [
        *"ab xyz~",
        "日",
        "本語",
        "é",
        "e\u0301",
        "\u0301",
        "\u200d",
        "\ufe0f",
        "❤",
        "👍",
        "\U0001f3fd",
        "👩\u200d💻",
        "\U0001f1e9",
        "\U0001f1ea",
        "한",
        "\u1100\u1161",
        "─",
        "long enough to wrap somewhere",
    ]
)
controls = st.sampled_from(
    [
        *"\r\n\t\b\x0e\x0f\x07\x0b\x7f\x00\x18\x1b\x9b\x9c\x90\x85",
        "\r\n",
        *(f"\x1b{final}" for final in "cDEHMNOZ6789=>no|}~"),
        "\x1b(0",
        "\x1b(B",
        "\x1b)0",
        "\x1b*A",
        "\x1b[?42h\x1b(K[",
        "\x1b.A\x1bn",
        "\x1b#8",
        "\x1b[4h",
        "\x1b[4l",
        "\x1b[20h",
        "\x1b[?69h\x1b[3;9s",
        "\x1b[2;5r",
        "\x1b[r",
        "\x1bP$qm\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b_anything\x1b\\",
        "\x1b]2;title\x07",
        "\x1b]52;c;aGk=\x07",
        "\x1b]4;1;rgb:1/2/3;2;?\x07",
        "\x1b]unfinished",
        "\x1b[1\r;2H",
    ]
)
pieces = st.one_of(characters, characters, characters, sequences, modes, pens, controls)
streams = st.lists(pieces, max_size=60).map(lambda parts: "".join(parts).encode())
raw = st.binary(max_size=300)
sizes = st.tuples(st.integers(1, 25), st.integers(1, 9))


def fed(size: tuple[int, int], data: bytes) -> Terminal:
    terminal = Terminal(*size, scrollback=50)
    terminal.feed(data)
    return terminal


def check_whole(terminal: Terminal) -> None:
    rows = terminal.rows()
    assert len(rows) == terminal.lines
    for row in [*rows, *terminal.history()]:
        assert len(row) == terminal.columns
    for index in range(terminal.lines):
        line = terminal.line(index)
        for column, cell in enumerate(line):
            if cell.width == 2:
                assert line[column + 1].width == 0
            if cell.width == 0:
                assert cell.text == ""
                assert column and line[column - 1].width == 2
    assert 0 <= terminal.cursor.row < terminal.lines
    assert 0 <= terminal.cursor.column < terminal.columns


def same(one: Terminal, other: Terminal) -> None:
    assert one.rows() == other.rows()
    for row in range(one.lines):
        assert one.line(row) == other.line(row)
    assert one.cursor == other.cursor
    assert one.modes == other.modes


@QUICK
@given(sizes, st.one_of(streams, raw))
def test_no_bytes_break_the_terminal(size: tuple[int, int], data: bytes) -> None:
    check_whole(fed(size, data))


@QUICK
@given(sizes, st.one_of(streams, raw), st.data())
def test_it_makes_no_difference_how_the_bytes_are_cut(
    size: tuple[int, int], data: bytes, draw: st.DataObject
) -> None:
    whole = fed(size, data)
    pieces = Terminal(*size, scrollback=50)
    start = 0
    while start < len(data):
        length = draw.draw(st.integers(1, 12))
        pieces.feed(data[start : start + length])
        start += length
    same(whole, pieces)
    assert whole.history() == pieces.history()
    assert whole.take_replies() == pieces.take_replies()
    assert (whole.title, whole.unknown, whole.bells) == (pieces.title, pieces.unknown, pieces.bells)


@QUICK
@given(sizes, streams, st.lists(sizes, max_size=4), streams)
def test_a_resize_leaves_the_terminal_whole(
    size: tuple[int, int], before: bytes, later: list[tuple[int, int]], after: bytes
) -> None:
    terminal = fed(size, before)
    for columns, lines in later:
        terminal.resize(columns, lines)
        check_whole(terminal)
        terminal.feed(after)
        check_whole(terminal)


@QUICK
@given(sizes, streams)
def test_a_snapshot_restores_the_screen(size: tuple[int, int], data: bytes) -> None:
    terminal = fed(size, data)
    restored = fed(size, b"garbage\x1b[?1049h\x1b[?6h\x1b[3;4r\x1b[4h\x1b[7m\x1b(0 before")
    restored.feed(snapshot(terminal))
    same(terminal, restored)
    assert restored.take_replies() == b""
    # CAN ends a sequence that was cut off: what it began is no part of the screen.
    for follow in (b"\x18!", b"\x1b[3Cxy\xe6\x97\xa5", b"\r\n\n\n\tz"):
        terminal.feed(follow)
        restored.feed(follow)
        same(terminal, restored)


words = st.text(alphabet="abcdefgh 日本é", min_size=1, max_size=40).map(str.strip).filter(bool)


def text_of(terminal: Terminal) -> list[str]:
    """The lines of text, put together again from wrapped rows, without blank ones at the end."""
    result = [""]
    for index in range(-terminal.history_length, terminal.lines):
        line = terminal.line(index)
        result[-1] += "".join(cell.text for cell in (line[:-1] if has_gap(line) else line))
        if not line.wrapped:
            result[-1] = result[-1].rstrip()
            result.append("")
    while result and not result[-1]:
        result.pop()
    return result


@QUICK
@given(st.lists(words, max_size=12), st.lists(st.tuples(st.integers(2, 40), st.integers(1, 12))))
def test_resizing_back_and_forth_keeps_the_text(
    texts: list[str], later: list[tuple[int, int]]
) -> None:
    terminal = Terminal(20, 6)
    terminal.feed("\r\n".join(texts).encode())
    before = text_of(terminal)
    for columns, lines in [*later, (20, 6)]:
        terminal.resize(columns, lines)
        assert text_of(terminal) == before


emoji = st.text(
    alphabet="👨👩\u200d\ufe0f🏽🏻🇩🇪🇫❤♂a─\u0301e日👍🚀\u0e31☝1\u20e3é\uffff ",
    min_size=1,
    max_size=14,
)


@QUICK
@given(st.integers(1, 9), st.sampled_from(["", "\x1b[?7l", "\x1b[?2027l"]), emoji)
def test_clusters_are_the_same_character_by_character(columns: int, mode: str, text: str) -> None:
    whole = fed((columns, 3), (mode + text).encode())
    single = fed((columns, 3), mode.encode())
    for char in text:
        single.feed(char.encode())
    check_whole(whole)
    same(whole, single)
