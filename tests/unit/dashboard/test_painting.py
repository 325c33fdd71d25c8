"""Rows become strips: colours, widths, and nothing that could steer the terminal around us."""

from __future__ import annotations

import pytest
from rich.color import Color
from rich.style import Style
from textual.strip import Strip

from widgets.terminal_paint import Mark, Painter, TerminalPalette
from widgets.terminal_rows import Rows
from widgets.terminal_selection import Selection, word_at
from widgets.vt import Terminal


def paint(data: bytes, columns: int = 20, **palette: object) -> Strip:
    """The first row after `data`."""
    terminal = Terminal(columns, 3)
    terminal.feed(data)
    painter = Painter(TerminalPalette(**palette), terminal.colors)  # type: ignore[arg-type]
    return painter.paint(terminal.line(0), reverse=terminal.modes.reverse_screen)


def style_of(strip: Strip, text: str) -> Style:
    """The style of the segment with that text."""
    return next(each.style for each in strip if each.text.strip() == text and each.style)


@pytest.mark.parametrize(
    ("data", "color"),
    [
        (b"\x1b[31mx", (205, 0, 0)),
        (b"\x1b[92mx", (0, 255, 0)),
        (b"\x1b[38;5;208mx", (255, 135, 0)),
        (b"\x1b[38;2;1;2;3mx", (1, 2, 3)),
        (b"x", TerminalPalette().foreground),
    ],
)
def test_colours(data: bytes, color: tuple[int, int, int]) -> None:
    assert style_of(paint(data), "x").color == Color.from_rgb(*color)


def test_a_native_palette_sends_only_numbers() -> None:
    style = style_of(paint(b"\x1b[31mx", native=True), "x")
    assert style.color == Color.from_ansi(1)
    assert style.bgcolor == Color.default()


def test_attributes() -> None:
    style = style_of(paint(b"\x1b[1;3;4;9mx"), "x")
    assert style.bold and style.italic and style.underline and style.strike
    assert style_of(paint(b"\x1b[21mx"), "x").underline2
    inverse = style_of(paint(b"\x1b[7mx"), "x")
    assert inverse.bgcolor == Color.from_rgb(*TerminalPalette().foreground)
    hidden = style_of(paint(b"\x1b[8mx"), "x")
    assert hidden.color == hidden.bgcolor


def test_reverse_video_swaps_the_whole_screen() -> None:
    assert style_of(paint(b"\x1b[?5hx"), "x").bgcolor == Color.from_rgb(
        *TerminalPalette().foreground
    )


def test_widths_are_the_emulators() -> None:
    strip = paint("漢字 e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467 x".encode())
    assert strip.cell_length == 20
    assert "漢字" in strip.text


def test_links_are_kept_only_when_they_are_harmless() -> None:
    assert style_of(paint(b"\x1b]8;;https://example.org/a\x1b\\x"), "x").link
    assert not style_of(paint(b"\x1b]8;;https://example.org/\xc3\xa9 b\x1b\\x"), "x").link


def test_a_row_is_painted_once_for_each_content() -> None:
    terminal = Terminal(10, 2)
    terminal.feed(b"abc")
    painter = Painter(TerminalPalette(), terminal.colors)
    first = painter.paint(terminal.line(0), reverse=False)
    assert painter.paint(terminal.line(0), reverse=False) is first
    terminal.feed(b"d")
    assert painter.paint(terminal.line(0), reverse=False).text == "abcd      "
    terminal.feed(b"\x1b]4;1;#010203\x1b\\")
    terminal.feed(b"\r\x1b[31mz")
    again = painter.paint(terminal.line(0), reverse=False)
    assert style_of(again, "z").color == Color.from_rgb(1, 2, 3)


def test_marks_change_only_their_columns() -> None:
    terminal = Terminal(10, 2)
    terminal.feed(b"abcdef")
    painter = Painter(TerminalPalette(), terminal.colors)
    strip = painter.paint(
        terminal.line(0), reverse=False, marks=[Mark(2, 4, Style(underline=True))]
    )
    marked = "".join(each.text for each in strip if each.style and each.style.underline)
    assert marked == "cd"
    assert strip.text == "abcdef    "


def test_selected_text_joins_wrapped_rows_and_keeps_its_place() -> None:
    terminal = Terminal(5, 3)
    terminal.feed(b"abcdefgh\r\nxy\r\n")
    selection, rows = Selection((0, 1), (2, 0)), Rows(terminal)
    assert selection.text(rows) == "bcdefgh\nx"
    terminal.feed(b"more\r\nlines\r\n")
    assert selection.text(rows) == "bcdefgh\nx"
    assert Selection((2, 0), (0, 1)).text(rows) == "bcdefgh\nx"


def test_a_double_click_takes_the_word() -> None:
    terminal = Terminal(30, 2)
    terminal.feed(b"see /etc/passwd, (now)")
    line, rows = terminal.line(0), Rows(terminal)
    assert word_at(line, 0, 7).text(rows) == "/etc/passwd"
    assert word_at(line, 0, 19).text(rows) == "now"


def test_bold_is_bright_only_where_that_is_wanted() -> None:
    bright = Color.from_rgb(*TerminalPalette().ansi[9])
    data = b"\x1b[1;31mx\x1b[m \x1b[31my\x1b[m \x1b[1;38;5;208mz"
    assert style_of(paint(data), "x").color != bright
    strip = paint(data, bold_is_bright=True)
    assert style_of(strip, "x").color == bright
    assert style_of(strip, "y").color == Color.from_rgb(*TerminalPalette().ansi[1])
    assert style_of(strip, "z").color == Color.from_rgb(255, 135, 0)


def test_the_cursor_has_the_shape_the_program_wants() -> None:
    terminal = Terminal(5, 1)
    terminal.feed(b"ab")
    painter = Painter(TerminalPalette(), terminal.colors)

    def cursor_at(column: int, shape: str, *, focused: bool = True) -> Strip:
        mark = painter.cursor(column, focused=focused, shape=shape)
        return painter.paint(terminal.line(0), reverse=False, marks=[mark])

    cursor = Color.from_rgb(*TerminalPalette().cursor)
    assert style_of(cursor_at(1, "block"), "b").bgcolor == cursor
    assert style_of(cursor_at(1, "underline"), "b").underline
    assert cursor_at(3, "bar").text == "ab ▏ "
    assert style_of(cursor_at(3, "bar"), "▏").color == cursor
    letter = style_of(cursor_at(1, "bar"), "b")
    assert letter.bgcolor not in (cursor, Color.from_rgb(*TerminalPalette().background))
    assert style_of(cursor_at(1, "block", focused=False), "b").bgcolor != cursor


def test_the_cursor_on_a_wide_character_covers_it() -> None:
    terminal = Terminal(6, 1)
    terminal.feed("漢".encode())
    painter = Painter(TerminalPalette(), terminal.colors)
    mark = painter.cursor(1, focused=True, shape="block")
    strip = painter.paint(terminal.line(0), reverse=False, marks=[mark])
    assert style_of(strip, "漢").bgcolor == Color.from_rgb(*TerminalPalette().cursor)
    assert strip.cell_length == 6
