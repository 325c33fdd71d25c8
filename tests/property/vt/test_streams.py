"""Whatever bytes come, and however they are cut, the terminal stays whole."""

from __future__ import annotations

from itertools import cycle

from hypothesis import given
from hypothesis import strategies as st

from tests.property.vt.streams import check_whole, fed, raw, rounds, same, sizes, streams
from widgets.vt import Terminal


@rounds(7000)
@given(sizes, st.one_of(streams, raw))
def test_no_bytes_break_the_terminal(size: tuple[int, int], data: bytes) -> None:
    check_whole(fed(size, data))


@rounds(6000)
@given(sizes, st.one_of(streams, raw), st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_it_makes_no_difference_how_the_bytes_are_cut(
    size: tuple[int, int], data: bytes, lengths: list[int]
) -> None:
    whole = fed(size, data)
    pieces = Terminal(*size, scrollback=50)
    start = 0
    for length in cycle(lengths):
        pieces.feed(data[start : start + length])
        start += length
        if start >= len(data):
            break
    same(whole, pieces)
    assert whole.history() == pieces.history()
    assert whole.take_replies() == pieces.take_replies()
    assert (whole.title, whole.unknown, whole.bells) == (pieces.title, pieces.unknown, pieces.bells)


emoji = st.text(
    alphabet="👨👩\u200d\ufe0f🏽🏻🇩🇪🇫❤♂a─\u0301e日👍🚀\u0e31☝1\u20e3é\uffff ",
    min_size=1,
    max_size=14,
)


@rounds(2000)
@given(st.integers(1, 9), st.sampled_from(["", "\x1b[?7l", "\x1b[?2027l"]), emoji)
def test_clusters_are_the_same_character_by_character(columns: int, mode: str, text: str) -> None:
    whole = fed((columns, 3), (mode + text).encode())
    single = fed((columns, 3), mode.encode())
    for char in text:
        single.feed(char.encode())
    check_whole(whole)
    same(whole, single)
