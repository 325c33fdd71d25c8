"""Copy mode: the cursor, selections in three forms, and rows that stand still."""

from __future__ import annotations

import pytest

from widgets.terminal_copy import CopyMode
from widgets.vt import Terminal

TEXT = b"".join(b"line %d of it\r\n" % number for number in range(30)) + b"the end"


def copy_mode(data: bytes = TEXT, columns: int = 20, lines: int = 5) -> CopyMode:
    terminal = Terminal(columns, lines)
    terminal.feed(data)
    return CopyMode(terminal, 0)


def press(copy: CopyMode, *keys: str) -> str | None:
    """Press these keys; gives what was copied last."""
    copied = None
    for key in keys:
        copied = copy.press(key, key if len(key) == 1 else None).copied
    return copied


def test_it_begins_at_the_programs_cursor() -> None:
    copy = copy_mode()
    assert (copy.row, copy.column) == (copy.rows.last, 7)
    assert copy.top == copy.rows.top


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (["k"], (29, 7)),
        (["up", "h", "left"], (29, 5)),
        (["g"], (0, 0)),
        (["g", "G"], (30, 0)),
        (["k", "0"], (29, 0)),
        (["k", "$"], (29, 12)),
        (["pageup"], (26, 7)),
        (["pageup", "pagedown"], (30, 7)),
        (["ctrl+u"], (28, 7)),
        (["j", "l"], (30, 8)),
        (["g", "k", "h"], (0, 0)),
        (["g", "w"], (0, 5)),
        (["g", "w", "w", "w"], (0, 10)),
        (["g", "w", "w", "w", "w"], (1, 0)),
        (["g", "w", "w", "w", "w", "b"], (0, 10)),
        (["g", "b"], (0, 0)),
        (["G", "w", "w", "w", "w"], (30, 4)),
    ],
)
def test_moving(keys: list[str], place: tuple[int, int]) -> None:
    copy = copy_mode()
    press(copy, *keys)
    assert (copy.row, copy.column) == place
    assert copy.top <= copy.row < copy.top + copy.height


def test_the_first_text_of_a_row() -> None:
    copy = copy_mode(b"    four in")
    press(copy, "^")
    assert copy.column == 4


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["g", "v", "$", "y"], "line 0 of it"),
        (["g", "v", "l", "l", "l", "j", "y"], "line 0 of it\nline"),
        (["g", "V", "j", "y"], "line 0 of it\nline 1 of it"),
        (["g", "w", "r", "j", "j", "l", "y"], "0\n1\n2"),
        (["g", "w", "ctrl+v", "l", "l", "j", "y"], "0 o\n1 o"),
        (["g", "v", "j", "V", "enter"], "line 0 of it\nline 1 of it"),
        (["g", "y"], "line 0 of it"),
        (["g", "w", "v", "w", "o", "0", "y"], "line 0 o"),
        (["g", "v", "v", "w", "y"], "line 0 of it"),
    ],
)
def test_selecting_and_copying(keys: list[str], text: str) -> None:
    assert press(copy_mode(), *keys) == text


def test_copying_is_the_end_of_it() -> None:
    assert copy_mode().press("y", "y").left
    assert copy_mode(b"").press("y", "y").copied is None


def test_escape_drops_the_selection_first() -> None:
    copy = copy_mode()
    press(copy, "v", "k")
    assert not copy.press("escape", "\x1b").left
    assert copy.selection is None
    assert copy.press("escape", "\x1b").left
    assert copy_mode().press("q", "q").left


def test_rows_stand_still_whatever_is_printed() -> None:
    terminal = Terminal(20, 5)
    terminal.feed(TEXT)
    copy = CopyMode(terminal, 0)
    terminal.feed(b"\x1b[5;1HTHE")
    assert press(copy, "y") == "the end"
    terminal.feed(b"\x1b[2J\x1b[Hnew\r\n" * 20)
    assert press(copy, "y") == "the end"
    assert press(copy, "g", "V", "G", "y") == TEXT.decode().replace("\r", "")


def test_what_the_scrollback_dropped_meanwhile_is_gone() -> None:
    terminal = Terminal(20, 3, scrollback=5)
    terminal.feed(TEXT)
    copy = CopyMode(terminal, 0)
    terminal.feed(b"more\r\n" * 3)
    press(copy, "g")
    assert copy.row == copy.rows.first
    assert press(copy, "y") == "line 26 of it"
    terminal.feed(b"more\r\n" * 30)
    press(copy, "g")
    assert press(copy, "y") == "line 28 of it", "the screen of then is still there"


def test_wrapped_rows_are_joined_but_not_in_a_rectangle() -> None:
    copy = copy_mode(b"abcdefghij klm", columns=5)
    assert press(copy, "g", "v", "G", "$", "y") == "abcdefghij klm"
    assert press(copy, "g", "r", "G", "l", "y") == "ab\nfg\n k"


def test_a_column_left_free_before_a_wide_character_is_not_copied() -> None:
    copy = copy_mode("abcd漢字".encode(), columns=5)
    assert press(copy, "g", "v", "G", "$", "y") == "abcd漢字"


def test_half_a_wide_character_is_the_whole() -> None:
    copy = copy_mode("漢字かな".encode())
    assert press(copy, "0", "l", "v", "l", "y") == "漢字"


def test_on_the_alternate_screen_there_is_only_the_screen() -> None:
    copy = copy_mode(TEXT + b"\x1b[?1049h\x1b[Heditor")
    press(copy, "g")
    assert copy.row == copy.rows.top
    assert press(copy, "y") == "editor"


def test_scrolling_takes_the_cursor_along() -> None:
    copy = copy_mode()
    copy.scroll(-10)
    assert copy.top == copy.rows.top - 10
    assert copy.row == copy.top + copy.height - 1
    copy.scroll(-1000)
    assert copy.top == copy.rows.first
    copy.scroll(1000)
    assert copy.top == copy.rows.top


def test_searching_while_one_types() -> None:
    copy = copy_mode()
    press(copy, "/", *"line 1")
    assert copy.prompt == "line 1"
    assert (copy.row, copy.column) == (19, 0), "the nearest one above"
    press(copy, "2")
    assert copy.row == 12
    press(copy, "backspace")
    assert copy.row == 19, "from where the search began"
    press(copy, "enter", "n", "n")
    assert copy.row == 17
    press(copy, "N")
    assert copy.row == 18
    assert copy.prompt is None


def test_searching_downwards_and_round_the_end() -> None:
    copy = copy_mode()
    press(copy, "g", "?", *"line 29", "enter")
    assert copy.row == 29
    press(copy, "n")
    assert copy.row == 29, "the only one"
    press(copy, "?", *"line 0", "enter")
    assert copy.row == 0


def test_a_search_taken_back_leaves_the_cursor_where_it_was() -> None:
    copy = copy_mode()
    press(copy, "/", *"line 3", "escape")
    assert (copy.row, copy.column) == (30, 7)
    assert copy.search is not None and len(copy.search) == 0
    press(copy, "n")
    assert copy.row == 30


def test_what_is_not_there_is_not_found() -> None:
    copy = copy_mode()
    press(copy, "/", *"nowhere", "enter", "n")
    assert (copy.hit, copy.row) == (None, 30)
    copy.ask(up=True)
    copy.type_pattern("line 7\nand more \x1b")
    assert (copy.prompt, copy.row) == ("line 7", 7)


def test_searching_what_stands_still() -> None:
    terminal = Terminal(20, 5)
    terminal.feed(TEXT)
    copy = CopyMode(terminal, 0)
    terminal.feed(b"\x1b[H\x1b[2Jnothing of it\r\n" * 8)
    press(copy, "/", *"of it", "enter")
    assert copy.search is not None and len(copy.search) == 30
    press(copy, "/", *"nothing", "enter")
    assert copy.hit is None
