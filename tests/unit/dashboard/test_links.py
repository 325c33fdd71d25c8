"""Which link is on a cell."""

from __future__ import annotations

import pytest

from widgets.terminal_links import link_at
from widgets.terminal_rows import Rows
from widgets.vt import Terminal


def on(data: bytes, row: int, column: int, columns: int = 60) -> str | None:
    terminal = Terminal(columns, 5)
    terminal.feed(data)
    return link_at(Rows(terminal), row, column)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://example.org/a?b=c#d now", "https://example.org/a?b=c#d"),
        ("(http://example.org)", "http://example.org"),
        ("at https://example.org/x_(y), and", "https://example.org/x_(y)"),
        ("漢 https://example.org.", "https://example.org"),
        ("<ftp://example.org>", "ftp://example.org"),
        ("javascript://example.org", None),
    ],
)
def test_addresses_in_text(text: str, link: str | None) -> None:
    column = text.index("example")
    assert on(text.encode(), 0, column) == link


def test_beside_an_address_there_is_none() -> None:
    data = b"see https://example.org."
    assert on(data, 0, 3) is None
    assert on(data, 0, 4) == on(data, 0, 22) == "https://example.org"
    assert on(data, 0, 23) is None
    assert on(data, 0, 59) is None
    assert on(data, 9, 0) is None


def test_an_address_over_the_edge() -> None:
    data = b"go to https://example.org/a/long/path/to/it now"
    for row, column in ((0, 8), (1, 0), (2, 2)):
        assert on(data, row, column, columns=15) == "https://example.org/a/long/path/to/it"


def test_what_a_program_marked_as_a_link() -> None:
    data = b"\x1b]8;;https://example.org/x\x1b\\click\x1b]8;;\x1b\\ https://other.org"
    assert on(data, 0, 2) == "https://example.org/x"
    assert on(data, 0, 8) == "https://other.org"
