"""The scrollback, and laying text out anew on a resize."""

from __future__ import annotations

import tracemalloc

from widgets.vt import Terminal


def fed(text: str, columns: int = 10, lines: int = 3, scrollback: int = 100) -> Terminal:
    terminal = Terminal(columns, lines, scrollback)
    terminal.feed(text.encode())
    return terminal


def text(terminal: Terminal) -> list[str]:
    return ["".join(row).rstrip() for row in terminal.rows()]


def past(terminal: Terminal) -> list[str]:
    return ["".join(row).rstrip() for row in terminal.history()]


def numbered(count: int) -> str:
    return "\r\n".join(str(number) for number in range(count))


def test_rows_that_scroll_off_are_kept_in_order() -> None:
    terminal = fed(numbered(6))
    assert past(terminal) == ["0", "1", "2"]
    assert terminal.line(-1)[0].text == "2"
    assert terminal.line(-3)[0].text == "0"
    assert terminal.history_length == terminal.history_total == 3


def test_the_scrollback_is_bounded() -> None:
    terminal = fed(numbered(50), scrollback=5)
    assert past(terminal) == ["42", "43", "44", "45", "46"]
    assert terminal.history_total == 47
    assert fed(numbered(50), scrollback=0).history() == []


def test_neither_the_alternate_screen_nor_a_region_gets_into_it() -> None:
    assert past(fed("\x1b[?1049h" + numbered(20))) == []
    assert past(fed("\x1b[2;3r\x1b[3;1H" + numbered(20))) == []
    assert past(fed("\x1b[?69h\x1b[2;5s" + numbered(20))) == []
    assert past(fed("0\r\n1\x1b[H\x1b[M\x1b[L")) == []


def test_a_region_at_the_top_scrolls_into_it_as_in_xterm() -> None:
    assert past(fed("\x1b[1;2r" + numbered(4))) == ["0", "1"]


def test_ed_3_clears_the_scrollback_alone() -> None:
    terminal = fed(numbered(6) + "\x1b[3J")
    assert past(terminal) == []
    assert text(terminal) == ["3", "4", "5"]


def test_narrowing_wraps_and_widening_joins_again() -> None:
    terminal = fed("abcdefgh\r\nxy")
    terminal.resize(4, 3)
    assert text(terminal) == ["abcd", "efgh", "xy"]
    assert (terminal.cursor.row, terminal.cursor.column) == (2, 2)
    terminal.resize(10, 3)
    assert text(terminal) == ["abcdefgh", "xy", ""]
    assert (terminal.cursor.row, terminal.cursor.column) == (1, 2)


def test_only_wrapped_rows_are_joined() -> None:
    terminal = fed("0123456789\r\nabc")
    terminal.resize(20, 3)
    assert text(terminal) == ["0123456789", "abc", ""]
    terminal = fed("0123456789abc")
    terminal.resize(20, 3)
    assert text(terminal) == ["0123456789abc", "", ""]


def test_a_line_feed_ends_a_row_that_had_once_run_on() -> None:
    for feed in ("\r\n", "\n\r", "\x1b[20h\n", "\x1b[1;3r\x1b[A\r\n"):
        terminal = fed(f"0123456789abc\x1b[H{feed}new", 10, 3)
        terminal.resize(20, 3)
        assert text(terminal)[:2] == ["0123456789", "new"]


def test_what_selective_erase_leaves_at_the_edge_runs_on() -> None:
    protected = fed('\x1b[1"q0123456789abc\x1b[H\x1b[?K', 10, 3)
    assert protected.line(0).wrapped
    erased = fed("0123456789abc\x1b[H\x1b[?K", 10, 3)
    assert not erased.line(0).wrapped


def test_shrinking_pushes_rows_into_the_scrollback_and_growing_pulls_them_back() -> None:
    terminal = fed(numbered(6), lines=6)
    terminal.resize(10, 2)
    assert (past(terminal), text(terminal)) == (["0", "1", "2", "3"], ["4", "5"])
    assert terminal.cursor.row == 1
    terminal.resize(10, 6)
    assert (past(terminal), text(terminal)) == ([], ["0", "1", "2", "3", "4", "5"])
    assert terminal.cursor.row == 5


def test_blank_rows_below_the_cursor_go_first() -> None:
    terminal = fed("0\r\n1", lines=6)
    terminal.resize(10, 2)
    assert (past(terminal), text(terminal)) == ([], ["0", "1"])


def test_growing_pulls_nothing_back_onto_a_cleared_screen() -> None:
    terminal = fed(numbered(6) + "\x1b[H\x1b[2J$ ")
    terminal.resize(10, 5)
    assert text(terminal) == ["$", "", "", "", ""]
    assert past(terminal) == ["0", "1", "2"]


def test_the_scrollback_is_laid_out_anew_too() -> None:
    terminal = fed("abcdefgh\r\n" * 3)
    terminal.resize(4, 3)
    assert past(terminal) + text(terminal) == ["abcd", "efgh"] * 3 + [""]
    assert all(len(row) == 4 for row in terminal.history())
    terminal.resize(12, 3)
    assert past(terminal) + text(terminal) == ["abcdefgh"] * 3 + [""]


def test_a_wide_character_is_never_cut() -> None:
    terminal = fed("ab日本")
    terminal.resize(3, 4)
    assert terminal.rows()[:3] == [["a", "b", " "], ["日", "", " "], ["本", "", " "]]
    terminal.resize(10, 4)
    assert text(terminal)[0] == "ab日本"


def test_the_cursor_follows_its_prompt() -> None:
    terminal = fed("prompt$ ")
    terminal.resize(4, 3)
    assert (terminal.cursor.row, terminal.cursor.column) == (1, 3)
    terminal.feed(b"x")
    terminal.resize(20, 3)
    assert text(terminal)[0] == "prompt$ x"


def test_the_main_screen_follows_behind_the_alternate_one() -> None:
    terminal = fed("abcdefgh\x1b[?1049h\x1b[Hvim")
    terminal.resize(4, 3)
    assert text(terminal)[0] == "vim"
    terminal.feed(b"\x1b[?1049l!")
    assert text(terminal) == ["abcd", "efgh", "!"]


def test_the_marks_of_the_shell_stay_with_their_rows() -> None:
    command = "\x1b]133;A\x07$ \x1b]133;B\x07run it now\r\n\x1b]133;C\x07{}\r\n\x1b]133;D;0\x07"
    terminal = fed("".join(command.format(number) for number in range(3)), 20, 3)
    expected = [(-4, "prompt"), (-3, "output"), (-2, "prompt"), (-1, "output"), (0, "prompt")]
    assert terminal.marks() == [*expected, (1, "output")]
    terminal.resize(6, 3)
    marked = [terminal.line(index).plain().rstrip() for index, _ in terminal.marks()]
    assert marked == ["$ run", "0", "$ run", "1", "$ run", "2"]
    terminal.resize(20, 3)
    assert terminal.marks() == [*expected, (1, "output")]
    terminal.feed(b"\x1b[2J\x1b[3J")
    assert terminal.marks() == []


def test_a_prompt_without_a_line_feed_before_its_output_is_a_prompt() -> None:
    terminal = fed("\x1b]133;A\x07$ \x1b]133;C\x07x", 20, 3)
    assert terminal.marks() == [(0, "prompt")]


def test_a_resize_sets_the_margins_back() -> None:
    terminal = fed("\x1b[1;2r\x1b[3;1H")
    terminal.resize(12, 4)
    terminal.feed(b"\x1b[4;1Hx\r\ny")
    assert text(terminal)[2:] == ["x", "y"]


def test_ten_thousand_rows_fit_into_fifteen_megabytes() -> None:
    tracemalloc.start()
    terminal = Terminal(120, 40)
    for number in range(10_100):
        terminal.feed(f"\x1b[32m{number:08}\x1b[0m {'some log text ' * 7}\r\n".encode())
    unseen, _ = tracemalloc.get_traced_memory()
    for index in range(-terminal.history_length, 0):
        terminal.line(index)
    seen, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert terminal.history_length == 10_000
    assert unseen < 15_000_000
    assert seen < 15_000_000


def test_a_picture_in_the_scrollback_stays_as_small() -> None:
    tracemalloc.start()
    terminal = Terminal(120, 40)
    for number in range(600):
        cells = (
            f"\x1b[38;2;{number % 256};{number // 256};{x}m\x1b[48;2;{x};{number % 256};9m\u2580"
            for x in range(120)
        )
        terminal.feed(f"{''.join(cells)}\x1b[m\r\n".encode())
    for index in range(-terminal.history_length, 0):
        terminal.line(index)
    seen, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert terminal.history_length > 100
    assert seen < 15_000_000


def test_texts_are_read_without_making_cells() -> None:
    terminal = Terminal(6, 2)
    terminal.feed("one\r\nabcdef漢字漢x\r\n👍🏽e\u0301\r\nlast".encode())
    history = list(terminal.screen.scrollback)
    assert all(line.pens is not None for line in history)
    read = [(text.rstrip(), wrapped) for text, wrapped in terminal.texts()]
    assert read == [
        ("one", False),
        ("abcdef", True),
        ("漢字漢", True),
        ("x", False),
        ("👍🏽e\u0301", False),
        ("last", False),
    ]
    assert all(line.pens is not None for line in history)
    terminal.history()
    assert [(text.rstrip(), wrapped) for text, wrapped in terminal.texts()] == read


def test_a_column_that_stayed_free_is_no_text() -> None:
    terminal = Terminal(5, 3)
    terminal.feed("abcd漢字".encode())
    for _ in range(2):
        texts = [text for text, _ in terminal.texts()]
        assert "".join(texts[:2]).rstrip() == "abcd漢字"
        terminal.rows()
