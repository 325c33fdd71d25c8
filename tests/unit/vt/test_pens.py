"""Select graphic rendition, hyperlinks, and what a cell says of itself."""

from __future__ import annotations

import pytest

from widgets.vt import Cell, Terminal
from widgets.vt.pen_table import PenTable


def drawn(sequence: str) -> Cell:
    terminal = Terminal(10, 2)
    terminal.feed(f"{sequence}x".encode())
    row = terminal.rows()[0]
    assert "".join(row).strip() == "x"
    return terminal.cell(0, 0)


@pytest.mark.parametrize(
    ("parameters", "attribute", "value"),
    [
        ("1", "bold", True),
        ("1;22", "bold", False),
        ("2", "dim", True),
        ("3", "italic", True),
        ("4", "underline", "single"),
        ("4:0", "underline", None),
        ("4:1", "underline", "single"),
        ("4:2", "underline", "double"),
        ("4:3", "underline", "curly"),
        ("4:4", "underline", "dotted"),
        ("4:5", "underline", "dashed"),
        ("21", "underline", "double"),
        ("4;24", "underline", None),
        ("5", "blink", True),
        ("6", "blink", True),
        ("7", "inverse", True),
        ("8", "hidden", True),
        ("9", "strike", True),
        ("9;29", "strike", False),
        ("31", "foreground", 1),
        ("97", "foreground", 15),
        ("31;39", "foreground", "default"),
        ("44", "background", 4),
        ("103", "background", 11),
        ("44;49", "background", "default"),
        ("38;5;200", "foreground", 200),
        ("48;5;17", "background", 17),
        ("38:5:200", "foreground", 200),
        ("38;2;1;2;3", "foreground", (1, 2, 3)),
        ("38:2:1:2:3", "foreground", (1, 2, 3)),
        ("38:2::1:2:3", "foreground", (1, 2, 3)),
        ("48:2::1:2:3:0:0", "background", (1, 2, 3)),
        ("38;2;;;3", "foreground", (0, 0, 3)),
        ("58;2;1;2;3", "underline_color", (1, 2, 3)),
        ("58:2::1:2:3", "underline_color", (1, 2, 3)),
        ("58:5:9", "underline_color", 9),
        ("58:5:9;59", "underline_color", "default"),
        ("38;5;300", "foreground", "default"),
        ("38;2;1;2;999", "foreground", "default"),
        ("31;999;1", "bold", True),
        ("38;5", "foreground", "default"),
        ("01;031", "foreground", 1),
        ("1;;", "bold", False),
        ("", "bold", False),
    ],
)
def test_rendition(parameters: str, attribute: str, value: object) -> None:
    assert getattr(drawn(f"\x1b[{parameters}m"), attribute) == value


def test_a_colour_takes_its_parameters_with_it() -> None:
    cell = drawn("\x1b[38;5;4;1m")
    assert (cell.foreground, cell.underline, cell.bold) == (4, None, True)
    cell = drawn("\x1b[58;2;4;5;7m")
    assert (cell.underline, cell.blink, cell.inverse) == (None, False, False)


def test_private_forms_are_no_rendition() -> None:
    assert drawn("\x1b[>4;2m").underline is None
    assert drawn("\x1b[?4m").underline is None
    assert drawn("\x1b[4 m").underline is None


def test_a_sequence_means_the_same_the_second_time() -> None:
    terminal = Terminal(10, 1)
    for _ in range(3):
        terminal.feed(b"\x1b[1;31ma\x1b[0mb\x1b[4;31mc\x1b[0m")
    assert [cell.bold for cell in terminal.line(0)] == [True, False, False] * 3 + [False]


def test_links_stay_until_they_are_ended() -> None:
    terminal = Terminal(10, 1)
    terminal.feed(b"\x1b]8;id=1;http://a/\x07a\x1b[0mb\x1b]8;;\x1b\\c")
    assert [cell.link for cell in terminal.line(0)[:3]] == ["http://a/", "http://a/", None]


def test_an_endless_link_is_no_link() -> None:
    assert drawn("\x1b]8;;http://" + "a" * 5000 + "\x07").link is None


def test_the_pen_is_saved_and_stacked() -> None:
    assert drawn("\x1b[1m\x1b7\x1b[0m\x1b8").bold
    assert drawn("\x1b[1m\x1b[#{\x1b[0m\x1b[#}").bold


def test_equal_cells_are_one_object() -> None:
    terminal = Terminal(10, 1)
    terminal.feed(b"\x1b[31maa\x1b[0m\x1b[31ma")
    assert terminal.cell(0, 0) is terminal.cell(0, 1) is terminal.cell(0, 2)


def test_colours_without_end_are_forgotten() -> None:
    terminal = Terminal(10, 2)
    for number in range(3 * PenTable.MAX_PENS):
        terminal.feed(f"\x1b[38;2;{number % 256};{number // 256};7mx".encode())
    assert terminal.screen.pens.size <= PenTable.MAX_PENS
    last = 3 * PenTable.MAX_PENS - 1
    assert terminal.cell(1, 7).foreground in {
        (number % 256, number // 256, 7) for number in range(last - 20, last + 1)
    }


def test_rows_of_cells_that_no_other_row_shares_are_not_kept_for_ever() -> None:
    terminal = Terminal(80, 2)
    for number in range(2600):
        row = "".join(f"\x1b[38;2;{number % 256};{number // 256};{x}mx" for x in range(80))
        terminal.feed(f"{row}\r\n".encode())
    assert 300 < terminal.history_length < 500


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[38;2;1;2;3m\x1b[48;2;4;5;6m",
        "\x1b[38;2;1;2;3;48;2;4;5;6m",
        "\x1b[38;2;001;2;03m\x1b[48;2;4;05;6m",
        "\x1b[48;2;4;5;6m\x1b[38;2;1;2;3m",
    ],
)
@pytest.mark.parametrize("before", ["", "\x1b[31;42m", "\x1b[38;2;9;9;9m\x1b[48;2;9;9;9m"])
def test_two_colours_at_once(sequence: str, before: str) -> None:
    terminal = Terminal(6, 2)
    for _ in range(2):
        terminal.feed(f"\x1b[0;1m{before}{sequence}x\x1b[K\r\n".encode())
        cell = terminal.line(0)[0]
        assert (cell.foreground, cell.background, cell.bold) == ((1, 2, 3), (4, 5, 6), True)
        assert terminal.line(0)[1].background == (4, 5, 6)
        assert terminal.line(0)[1].foreground == "default"
        assert cell == terminal.line(0)[0]
        assert hash(cell.pen) == hash(
            terminal.screen.pens.pen((1, 2, 3), (4, 5, 6), cell.pen.style)
        )


def test_two_colours_of_which_one_is_none_are_read_one_by_one() -> None:
    cell = drawn("\x1b[38;2;1;2;3m\x1b[48;2;4;5;256m")
    assert (cell.foreground, cell.background) == ((1, 2, 3), "default")


def test_sequences_side_by_side_are_not_one() -> None:
    cell = drawn("\x1b[38m\x1b[5;1m")
    assert cell.foreground == "default"
    assert cell.bold
    assert cell.blink


def test_pens_on_the_screen_do_not_keep_alive_those_they_were_made_with() -> None:
    terminal = Terminal(80, 2)
    terminal.feed(b"\x1b[38;2;1;2;3m\x1b[48;2;4;5;6mx\r\n")
    pen = terminal.line(0)[0].pen
    terminal.screen.pens.forget()
    assert list(pen.family.values()) == [terminal.screen.pens.default]
    assert terminal.line(0)[0].foreground == (1, 2, 3)
