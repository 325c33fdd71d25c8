"""Search: every place is found, and is marked where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.terminal_rows import FrozenRows, Rows
from widgets.terminal_search import Search
from widgets.terminal_selection import Selection
from widgets.vt import Terminal


def searched(data: bytes, pattern: str, columns: int = 10, lines: int = 3) -> Search:
    terminal = Terminal(columns, lines)
    terminal.feed(data)
    search = Search(FrozenRows(terminal))
    search.find(pattern)
    return search


def hits(search: Search) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [search.hit(number) for number in range(len(search))]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("one", [((0, 0), (0, 2)), ((3, 2), (3, 4))]),
        ("One", []),
        ("TWO", [((1, 0), (1, 2))]),
        ("two", [((1, 0), (1, 2)), ((2, 0), (2, 2))]),
        ("a.c", [((3, 6), (3, 8))]),
        ("", []),
    ],
)
def test_what_is_found_where(pattern: str, found: list[object]) -> None:
    assert hits(searched(b"one\r\nTWO\r\ntwo\r\n  one a.c", pattern)) == found


def test_over_the_edge_of_wrapped_rows() -> None:
    search = searched(b"abcdefghijklmnopqrstuvwxyz", "ijklmnopqrstuv")
    assert hits(search) == [((0, 8), (2, 1))]
    assert [list(search.on_row(row)) for row in range(3)] == [
        [(0, 8, 10)],
        [(0, 0, 10)],
        [(0, 0, 2)],
    ]


def test_not_over_the_end_of_a_line() -> None:
    assert hits(searched(b"abc\r\ndef", "cd")) == []


def test_behind_wide_and_combined_characters() -> None:
    search = searched("漢e\u0301x x".encode(), "x")
    assert hits(search) == [((0, 3), (0, 3)), ((0, 5), (0, 5))]


def test_nearest_hit_in_both_directions_and_round() -> None:
    search = searched(b"x1\r\nx2\r\nx3\r\nx4", "x")
    assert search.next_to((2, 0), up=True) == 1
    assert search.next_to((2, 0), up=False) == 3
    assert search.next_to((1, 1), up=True) == 1
    assert search.next_to((1, 1), up=False) == 2
    assert search.next_to((0, 0), up=True) == 3
    assert search.next_to((3, 5), up=False) == 0
    assert searched(b"x", "y").next_to((0, 0), up=True) is None


WORDS = st.lists(st.text("ab漢 \u0301", max_size=25), min_size=1, max_size=8)


@given(WORDS, st.text("ab漢", min_size=1, max_size=3), st.integers(4, 12))
def test_all_is_found_and_each_hit_is_the_pattern(
    texts: list[str], pattern: str, columns: int
) -> None:
    terminal = Terminal(columns, 4)
    terminal.feed("\r\n".join(texts).encode())
    search = Search(FrozenRows(terminal))
    search.find(pattern)
    rows = Rows(terminal)
    whole = Selection((rows.first, 0), (rows.last, columns - 1)).text(rows)
    assert len(search) == sum(line.count(pattern) for line in whole.split("\n"))
    for first, last in hits(search):
        text = Selection(first, last).text(rows).replace("\u0301", "")
        assert pattern in text.replace(" ", "")


def test_searching_makes_no_cells_where_nothing_is_found() -> None:
    terminal = Terminal(80, 24)
    terminal.feed(b"".join(b"row %d\r\n" % number for number in range(500)))
    search = Search(FrozenRows(terminal))
    search.find("nowhere")
    assert all(line.pens is not None for line in terminal.screen.scrollback)
