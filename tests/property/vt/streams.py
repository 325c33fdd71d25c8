"""What to feed a terminal: text, sequences, modes, pens, pictures, controls, and any bytes."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from widgets.vt import Terminal


def rounds(in_ci: int) -> settings:
    """So many rounds where everything is tested, and a fortieth of them elsewhere."""
    return settings(
        max_examples=in_ci if os.environ.get("CI") == "true" else in_ci // 40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


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
dots = st.builds(
    "{}{}".format,
    st.sampled_from(
        [
            "\x1b[38;2;1;2;3m",
            "\x1b[48;2;4;5;6m",
            "\x1b[48;2;38;2;7m",
            "\x1b[38;2;1;1;1m\x1b[48;2;2;2;2m",
            "\x1b[48;2;3;3;3;38;2;4;4;4m",
            "\x1b[0m\x1b[38;2;9;9;9m",
            "\x1b[38;2;1;2;256m",
        ]
    ),
    st.sampled_from([*"ab▀m日", "xy", "e\u0301", "👍", "🇩🇪"]),
)
pictures = st.lists(dots, min_size=4, max_size=12).map("".join)
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
pieces = st.one_of(characters, characters, characters, sequences, modes, pens, controls, pictures)
streams = st.lists(pieces, max_size=60).map(lambda parts: "".join(parts).encode())
raw = st.binary(max_size=300)
sizes = st.tuples(st.integers(1, 25), st.integers(1, 9))


def fed(size: tuple[int, int], data: bytes) -> Terminal:
    """A terminal that was fed something."""
    terminal = Terminal(*size, scrollback=50)
    terminal.feed(data)
    return terminal


def check_whole(terminal: Terminal) -> None:
    """Every row has a cell for each column, wide characters two, and the cursor is inside."""
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
    """Two terminals show the same in the same state."""
    assert one.rows() == other.rows()
    for row in range(one.lines):
        assert one.line(row) == other.line(row)
    assert one.cursor == other.cursor
    assert one.modes == other.modes
