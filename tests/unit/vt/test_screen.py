"""Moving, erasing, inserting, scrolling."""

from __future__ import annotations

import pytest

from widgets.vt import Terminal


def shown(text: str, columns: int = 8, lines: int = 4) -> Terminal:
    terminal = Terminal(columns, lines)
    terminal.feed(text.encode())
    return terminal


def text(terminal: Terminal) -> list[str]:
    return ["".join(row).rstrip() for row in terminal.rows()]


def place(terminal: Terminal) -> tuple[int, int]:
    return terminal.cursor.row, terminal.cursor.column


NUMBERED = "1\r\n2\r\n3\r\n4"


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("\x1b[2;3H", (1, 2)),
        ("\x1b[H", (0, 0)),
        ("\x1b[99;99H", (3, 7)),
        ("\x1b[2;2H\x1b[A", (0, 1)),
        ("\x1b[2;2H\x1b[B", (2, 1)),
        ("\x1b[2;2H\x1b[3C", (1, 4)),
        ("\x1b[2;2H\x1b[D", (1, 0)),
        ("\x1b[2;2H\x1b[E", (2, 0)),
        ("\x1b[2;2H\x1b[F", (0, 0)),
        ("\x1b[2;2H\x1b[5G", (1, 4)),
        ("\x1b[2;2H\x1b[5`", (1, 4)),
        ("\x1b[2;2H\x1b[3d", (2, 1)),
        ("\x1b[2;2H\x1b[2a", (1, 3)),
        ("\x1b[2;2H\x1b[e", (2, 1)),
        ("\x1b[1;2A\x1b[1;1;1H\x1b[1;2;3d", (0, 0)),
        ("ab\x1bE", (1, 0)),
        ("ab\x85", (1, 0)),
        ("ab\x1bD", (1, 2)),
        ("ab\n", (1, 2)),
        ("\x1b[20hab\n", (1, 0)),
        ("abc\b\b", (0, 1)),
        ("\x1b[2;4H\x1b[s\x1b[H\x1b[u", (1, 3)),
        ("\x1b[2;4H\x1b7\x1b[H\x1b8", (1, 3)),
        ("\x1b[3;3H\x1b8", (0, 0)),
    ],
)
def test_moving(sequence: str, expected: tuple[int, int]) -> None:
    assert place(shown(sequence)) == expected


def test_tab_stops() -> None:
    terminal = shown("\tx", 20)
    assert place(terminal) == (0, 9)
    terminal.feed(b"\r\x1b[2I")
    assert terminal.cursor.column == 16
    terminal.feed(b"\x1b[Z")
    assert terminal.cursor.column == 8
    terminal.feed(b"\r\x1b[3g\t")
    assert terminal.cursor.column == 19
    terminal.feed(b"\r\x1b[4G\x1bH\r\t")
    assert terminal.cursor.column == 3
    terminal.feed(b"\x1b[g\r\t")
    assert terminal.cursor.column == 19


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("\x1b[K", "abc"),
        ("\x1b[1K", "    efgh"),
        ("\x1b[2K", ""),
        ("\x1b[2X", "abc  fgh"),
        ("\x1b[2P", "abcfgh"),
        ("\x1b[2@", "abc  def"),
        ("\x1b[?2;4m\x1b[7K", "abcdefgh"),
    ],
)
def test_editing_a_row(sequence: str, expected: str) -> None:
    assert text(shown("abcdefgh\x1b[4G" + sequence))[0] == expected


def test_clearing_to_the_end_of_a_full_line_keeps_its_last_letter() -> None:
    terminal = shown("abcdefgh\x1b[Ki")
    assert text(terminal)[:2] == ["abcdefgh", "i"]


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("\x1b[J", ["1", "", "", ""]),
        ("\x1b[1J", ["", "", "3", "4"]),
        ("\x1b[2J", ["", "", "", ""]),
        ("\x1b[5J", ["1", "2", "3", "4"]),
        ("\x1b[L", ["1", "", "2", "3"]),
        ("\x1b[2M", ["1", "4", "", ""]),
        ("\x1b[S", ["2", "3", "4", ""]),
        ("\x1b[2T", ["", "", "1", "2"]),
        ("\x1b[2;3r\x1b[S", ["1", "3", "", "4"]),
        ("\x1b[2;3r\x1b[T", ["1", "", "2", "4"]),
        ("\x1b[2;3r\x1b[3;1H\n", ["1", "3", "", "4"]),
        ("\x1b[2;3r\x1b[2;1H\x1bM", ["1", "", "2", "4"]),
        ("\x1b[2;3r\x1b[4;1H\n", ["1", "2", "3", "4"]),
        ("\x1b[2;3r\x1b[1;1H\x1bM", ["1", "2", "3", "4"]),
        ("\x1b[2;3r\x1b[1;1H\x1b[L", ["1", "2", "3", "4"]),
    ],
)
def test_moving_rows(sequence: str, expected: list[str]) -> None:
    assert text(shown(NUMBERED + "\x1b[2;1H" + sequence)) == expected


def test_moves_stop_at_the_margins_only_from_inside() -> None:
    region = "\x1b[2;3r"
    assert place(shown(region + "\x1b[3;1H\x1b[9A")) == (1, 0)
    assert place(shown(region + "\x1b[2;1H\x1b[9B")) == (2, 0)
    assert place(shown(region + "\x1b[1;1H\x1b[9A")) == (0, 0)
    assert place(shown(region + "\x1b[4;1H\x1b[9B")) == (3, 0)
    assert place(shown(region + "\x1b[2;1H\x1b[9e")) == (3, 0)


def test_origin_mode_counts_from_the_margins() -> None:
    terminal = shown("\x1b[2;3r\x1b[?6h")
    assert place(terminal) == (1, 0)
    terminal.feed(b"\x1b[9;3H\x1b[6n")
    assert place(terminal) == (2, 2)
    assert terminal.take_replies() == b"\x1b[2;3R"
    terminal.feed(b"\x1b[?6l")
    assert place(terminal) == (0, 0)


def test_origin_mode_without_margins_reports_its_place() -> None:
    assert shown("\x1b[?6h\x1b[2;2H\x1b[6n").take_replies() == b"\x1b[2;2R"


def test_left_and_right_margins() -> None:
    terminal = shown("abcdefgh\r\nABCDEFGH\x1b[?69h\x1b[3;6s\x1b[1;3H\x1b[S")
    assert text(terminal)[:2] == ["abCDEFgh", "AB    GH"]
    terminal.feed(b"\x1b[2;3Hwrapping")
    assert text(terminal)[1:3] == ["ABwrapGH", "  ping"]
    terminal.feed(b"\x1b[1;4H\x1b[P")
    assert text(terminal)[0] == "abCEF gh"
    terminal.feed(b"\x1b[1;4H\x1b[@")
    assert text(terminal)[0] == "abC EFgh"


def test_text_behind_the_right_margin_wraps_to_the_left_one_and_scrolls_nothing() -> None:
    terminal = shown("\x1b[?69h\x1b[3;5s\x1b[1;3Hab\x1b[4;7Hxyz", 8, 4)
    assert text(terminal) == ["  ab", "", "", "  z   xy"]


def test_insert_mode_pushes_nothing_outside_the_margins() -> None:
    terminal = shown("ab\x1b[?69h\x1b[4;6s\x1b[4hx\x1b[1;4Hy\x1b[1;4Hz", 8, 1)
    assert text(terminal) == ["xb zy"]


@pytest.mark.parametrize(
    ("place", "expected"), [("1;3", "ac def"), ("2;5", "abcdef"), ("1;1", "abcdef")]
)
def test_columns_scroll_only_around_the_cursor(place: str, expected: str) -> None:
    rows = "abcdef\x1b[2;1Habcdef"
    terminal = shown(f"{rows}\x1b[?69h\x1b[2;3s\x1b[{place}H\x1b[ @", 6, 2)
    assert text(terminal) == [expected, expected]


def test_csi_s_saves_the_cursor_only_while_side_margins_are_off() -> None:
    terminal = shown("\x1b[?69h\x1b[2;3H\x1b[s")
    assert place(terminal) == (0, 0)


def test_columns_are_inserted_and_deleted_in_all_rows() -> None:
    terminal = shown("abcd\r\nABCD\x1b[1;2H\x1b[1'}")
    assert text(terminal)[:2] == ["a bcd", "A BCD"]
    terminal.feed(b"\x1b[2'~")
    assert text(terminal)[:2] == ["acd", "ACD"]
    terminal.feed(b"\x1b[ @")
    assert text(terminal)[:2] == ["cd", "CD"]
    terminal.feed(b"\x1b[2 A")
    assert text(terminal)[:2] == ["  cd", "  CD"]


def test_index_and_back_index_scroll_sideways_at_the_edges() -> None:
    terminal = shown("abcdefgh\x1b[1;1H\x1b6")
    assert text(terminal)[0] == " abcdefg"
    terminal.feed(b"\x1b[1;8H\x1b9")
    assert text(terminal)[0] == "abcdefg"


def test_the_background_colour_fills_what_is_erased() -> None:
    terminal = shown("abc\x1b[7;4;44m\x1b[K")
    cell = terminal.cell(0, 5)
    assert cell.background == 4
    assert not cell.inverse
    assert cell.underline is None
    for sequence in (b"\x1b[2J", b"\x1b[4;1H\n", b"\x1b[L", b"\x1b[2P", b"\x1b[2@", b"\x1b[T"):
        terminal = shown("\x1b[44m\x1b[4;1H")
        terminal.feed(sequence)
        row, column = terminal.cursor.row, terminal.cursor.column
        if sequence == b"\x1b[2P":
            column = 7
        if sequence == b"\x1b[T":
            row = 0
        assert terminal.cell(row, column).background == 4, sequence


def test_protected_text_survives_selective_erase() -> None:
    terminal = shown('ab\x1b[1"qcd\x1b[0"qef\x1b[?2K')
    assert text(terminal)[0] == "  cd"
    terminal.feed(b"\x1b[?2J")
    assert text(terminal)[0] == "  cd"
    terminal.feed(b"\x1b[2K")
    assert text(terminal)[0] == ""


def test_reverse_wrap_goes_back_over_wrapped_rows() -> None:
    terminal = shown("\x1b[?45habcdefghi\b\bX")
    assert text(terminal)[0] == "abcdefgX"
    terminal = shown("abcdefghi\b\bX")
    assert text(terminal)[1] == "X"


def test_decaln_fills_the_screen() -> None:
    terminal = shown("\x1b[2;3r\x1b#8")
    assert text(terminal) == ["EEEEEEEE"] * 4
    assert place(terminal) == (0, 0)


def test_line_drawing() -> None:
    assert text(shown("\x1b(0lqk\x1b(Bq"))[0] == "┌─┐q"
    assert text(shown("\x1b)0\x0eqx\x0fq"))[0] == "─│q"
    assert text(shown("\x1b*0\x1bNqq"))[0] == "─q"
    assert text(shown("\x1b(A#"))[0] == "£"


def test_deccolm_neither_resizes_nor_clears_unasked() -> None:
    terminal = shown("abc\x1b[?3h")
    assert (terminal.columns, text(terminal)[0]) == (8, "abc")
    terminal.feed(b"\x1b[?40h\x1b[?3h")
    assert (terminal.columns, text(terminal)[0]) == (8, "")


def test_a_soft_reset_keeps_the_text() -> None:
    terminal = shown("abc\x1b[1;4m\x1b[2;3r\x1b[4h\x1b[?6h\x1b[?25l\x1b[!px")
    assert terminal.cursor.visible
    assert not terminal.modes.insert
    assert not terminal.modes.origin
    assert "abc" in text(terminal)[0] or text(terminal)[1] == "x"
    assert not terminal.cell(1, 0).bold


def test_a_hard_reset_clears_the_screen_but_not_the_scrollback() -> None:
    terminal = shown("1\r\n2\r\n3\r\n4\r\n5\x1b[?1049h\x1b[1mx\x1bcy")
    assert text(terminal)[0] == "y"
    assert not terminal.cell(0, 0).bold
    assert not terminal.modes.alternate_screen
    assert terminal.history_length == 1
