"""Tabs share the line: names stay readable, the one in front is always there."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from widgets.tab_bar import LEAST, TabLabel, fit_tabs

TABS = [TabLabel(f"{number} web", "a rather long title", look="muted") for number in range(1, 10)]


def text_of(label: TabLabel, room: int) -> str:
    return "".join(text for text, _ in label.parts(room))


@pytest.mark.parametrize("room", range(LEAST, 60))
@pytest.mark.parametrize("front", [True, False])
def test_a_label_keeps_to_its_room(room: int, front: bool) -> None:
    label = TabLabel("3 database-of-the-customer", "psql -U postgres", "!•", front=front)
    text = text_of(label, room)
    assert cell_len(text) <= room
    assert text.startswith(" 3 d")
    assert "!•" in text


def test_the_title_gives_way_first() -> None:
    label = TabLabel("2 web", "vim main.c", "•")
    assert text_of(label, 40) == " 2 web vim main.c • "
    assert text_of(label, 16) == " 2 web vim m… • "
    assert text_of(label, 10) == " 2 web • "


@pytest.mark.parametrize("front", range(9))
@pytest.mark.parametrize("room", [10, 30, 60, 100, 300])
def test_the_tab_in_front_is_always_among_those_that_fit(front: int, room: int) -> None:
    first, count, each = fit_tabs(9, front, room)
    assert first <= front < first + count <= 9
    assert count == 1 or count * each <= room


def test_all_tabs_where_there_is_room() -> None:
    assert fit_tabs(3, 1, 120) == (0, 3, 40)
    assert fit_tabs(1, 0, 70) == (0, 1, 70)
