"""Plain text: wrapping, wide characters, grapheme clusters."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from wcwidth import wcwidth

from widgets.vt import Terminal
from widgets.vt.width import NARROW, WIDE, joins

FAMILY = "👨\u200d👩\u200d👧"


def shown(text: str, columns: int = 10, lines: int = 3) -> Terminal:
    terminal = Terminal(columns, lines)
    terminal.feed(text.encode())
    return terminal


def first_row(text: str, columns: int = 10) -> list[str]:
    return shown(text, columns).rows()[0]


def test_text_stands_where_it_is_written() -> None:
    assert first_row("hello") == [*"hello     "]


def test_text_wraps_only_when_more_comes() -> None:
    terminal = shown("0123456789")
    assert (terminal.cursor.row, terminal.cursor.column) == (0, 9)
    assert terminal.cursor.pending_wrap
    terminal.feed(b"a")
    assert terminal.rows()[1][0] == "a"
    assert terminal.line(0).wrapped
    assert not terminal.line(1).wrapped


@pytest.mark.parametrize("text", ["a", "e\u0301", "日", "ab日", "👍🏽"])
def test_a_restored_wrap_is_still_to_come(text: str) -> None:
    terminal = shown(f"\x1b[10Gx\x1b7\x1b[2J\x1b8{text}")
    assert terminal.rows()[0] == [" "] * 10
    assert "".join(terminal.rows()[1]).rstrip() == text


def test_the_cursor_position_report_after_a_full_line_says_the_last_column() -> None:
    assert shown("x" * 80 + "\x1b[6n", 80).take_replies() == b"\x1b[1;80R"


def test_without_autowrap_the_last_column_is_written_over() -> None:
    terminal = shown("\x1b[?7l0123456789abc")
    assert "".join(terminal.rows()[0]) == "012345678c"
    assert terminal.rows()[1] == [" "] * 10


def test_a_wide_character_is_followed_by_an_empty_cell() -> None:
    assert first_row("日本", 6) == ["日", "", "本", "", " ", " "]


def test_a_wide_character_does_not_fit_into_the_last_column() -> None:
    rows = shown("abc日", 4).rows()
    assert rows[0] == ["a", "b", "c", " "]
    assert rows[1] == ["日", "", " ", " "]


@pytest.mark.parametrize(("column", "expected"), [(1, "x 本  "), (2, " x本  "), (3, "日x   ")])
def test_overwriting_half_of_a_wide_character_blanks_the_other(column: int, expected: str) -> None:
    terminal = shown(f"日本\x1b[{column}Gx", 6)
    assert "".join(terminal.rows()[0]) == expected.ljust(5)[: len("".join(terminal.rows()[0]))]
    assert len(terminal.rows()[0]) == 6


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("e\u0301x", ["e\u0301", "x", " ", " "]),
        (FAMILY + "x", [FAMILY, "", "x", " "]),
        ("❤\ufe0fx", ["❤\ufe0f", "", "x", " "]),
        ("👍🏽x", ["👍🏽", "", "x", " "]),
        ("🇩🇪x", ["🇩🇪", "", "x", " "]),
        ("\u0e01\u0e31x", ["\u0e01\u0e31", "x", " ", " "]),
        ("a\u200bx", ["a\u200b", "x", " ", " "]),
        ("한x", ["한", "", "x", " "]),
        ("\u1112\u1161\u11abx", ["\u1112\u1161\u11ab", "", "x", " "]),
        ("1\ufe0f\u20e3x", ["1\ufe0f\u20e3", "", "x", " "]),
    ],
)
def test_grapheme_clusters_take_one_cell(text: str, row: list[str]) -> None:
    assert first_row(text, 4) == row


def test_two_flags_are_two_clusters() -> None:
    assert first_row("🇩🇪🇫🇷", 5) == ["🇩🇪", "", "🇫🇷", "", " "]


def test_clusters_come_together_byte_by_byte() -> None:
    terminal = Terminal(10, 2)
    for byte in f"{FAMILY}e\u0301".encode():
        terminal.feed(bytes([byte]))
    assert terminal.rows()[0][:3] == [FAMILY, "", "e\u0301"]


def test_a_mark_joins_the_character_in_the_last_column() -> None:
    assert first_row("abce\u0301", 4) == ["a", "b", "c", "e\u0301"]
    assert first_row("\x1b[?7labce\u0301", 4) == ["a", "b", "c", "e\u0301"]


def test_a_cursor_movement_between_them_keeps_flag_halves_apart() -> None:
    halves = first_row("\U0001f1e9\x1b[3G\U0001f1ea", 6)
    assert halves[0] == "\U0001f1e9"
    assert halves[2] == "\U0001f1ea"


def test_without_mode_2027_only_marks_join() -> None:
    row = first_row(f"\x1b[?2027l{FAMILY}", 8)
    assert row == ["👨\u200d", "", "👩\u200d", "", "👧", "", " ", " "]
    assert first_row("\x1b[?2027lx👍🏽❤\ufe0fy", 8) == [
        "x",
        "👍",
        "",
        "🏽",
        "",
        "❤\ufe0f",
        "y",
        " ",
    ]


def test_without_mode_2027_half_a_flag_takes_one_column() -> None:
    assert first_row("\x1b[?2027l🇩🇪x", 4) == ["\U0001f1e9", "\U0001f1ea", "x", " "]


def test_without_autowrap_a_wide_character_that_does_not_fit_is_left_out() -> None:
    assert first_row("\x1b[?7l日☝👍🏻", 4)[:3] == ["日", "", "☝🏻"]
    terminal = shown("\x1b[?7labcd日", 4)
    assert terminal.rows()[0] == [*"abcd"]
    assert terminal.cursor.column == 3


def test_clusters_are_cells_of_their_own_wherever_the_row_ends() -> None:
    text = f"a日{FAMILY}e\u0301👍🏽🇩🇪❤\ufe0f🚀z"
    widths = [1, 2, 2, 1, 2, 2, 2, 2, 1]
    for columns in range(5, 20):
        terminal = shown(text, columns, 5)
        cells = [cell for row in range(5) for cell in terminal.line(row) if cell.text.strip()]
        assert "".join(cell.text for cell in cells) == text
        if columns > sum(widths):
            assert [cell.width for cell in cells] == widths


def test_more_clusters_than_there_are_codes_for() -> None:
    terminal = Terminal(10, 2)
    marks = [chr(code) for code in range(0x300, 0x36F)]
    clusters = [letter + mark for letter in "abcdefghijklmnopqrstuvwxyz" for mark in marks]
    for cluster in clusters:
        terminal.feed(f"{cluster}\r\n".encode())
    assert len(clusters) > 2048
    assert [row[0] for row in terminal.history()] == clusters[:-1]


def test_a_cluster_does_not_grow_without_end() -> None:
    terminal = shown("e" + "\u0301" * 5000)
    assert len(terminal.cell(0, 0).text) <= 16


def test_invalid_utf8_becomes_the_replacement_character() -> None:
    terminal = Terminal(6, 1)
    terminal.feed(b"a\xff\xe6\x97b")
    assert "".join(terminal.rows()[0]) == "a\ufffd\ufffdb  "


def test_insert_mode_pushes_text_aside() -> None:
    assert "".join(first_row("abcdef\x1b[1G\x1b[4hXY", 6)) == "XYabcd"


def test_rep_repeats_the_last_character() -> None:
    assert "".join(first_row("ab\x1b[3b")) == "abbbb     "
    assert first_row("日\x1b[2b", 8)[:6] == ["日", "", "日", "", "日", ""]


@pytest.mark.parametrize("between", ["\x1b[m", "\r", "\x1b[2b", "\x1b]2;x\x07", "\x1b[1\x07C"])
def test_rep_repeats_nothing_after_another_function(between: str) -> None:
    assert first_row(f"a{between}\x1b[3b|") == first_row(f"a{between}|")


def test_rep_is_bounded() -> None:
    assert "".join(shown("x\x1b[9999999b", 5, 2).rows()[0]) == "xxxxx"


def test_the_fast_runs_hold_only_characters_of_known_width_that_join_nothing() -> None:
    for code in range(0x20, sys.maxunicode):
        char = chr(code)
        for pattern, width in ((NARROW, 1), (WIDE, 2)):
            if pattern.fullmatch(char):
                assert wcwidth(char) == width, hex(code)
                assert unicodedata.category(char) not in {"Mn", "Me", "Cf", "Cc"}, hex(code)


def test_narrow_symbols_after_a_joiner_still_join() -> None:
    assert joins("🏃\u200d", "♂")
    assert first_row("🏃\u200d♂\ufe0fx", 4) == ["🏃\u200d♂\ufe0f", "", "x", " "]
