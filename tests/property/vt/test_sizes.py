"""Whatever size it takes, and wherever it is restored, a terminal keeps what it shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.property.vt.streams import check_whole, fed, rounds, same, sizes, streams
from widgets.vt import Terminal
from widgets.vt.reflow import has_gap
from widgets.vt.snapshot import snapshot


@rounds(2500)
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


@rounds(2000)
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


@rounds(2000)
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
