"""Tabs, what is in them, who has the keys, and who hears what is typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.workspace import Workspace


def two_tabs() -> Workspace:
    """A tab with 1 and 2, and one with 3 in front."""
    workspace = Workspace()
    workspace.open(1)
    workspace.split(2, beside=True)
    workspace.open(3)
    return workspace


def test_a_new_tab_comes_to_the_front_after_the_one_that_was() -> None:
    workspace = two_tabs()
    assert workspace.active == 3
    workspace.go_to_tab(0)
    workspace.open(4)
    assert [tab.numbers for tab in workspace.tabs] == [[1, 2], [4], [3]]
    assert workspace.active == 4


def test_going_round_the_tabs() -> None:
    workspace = two_tabs()
    workspace.step_tab(1)
    assert workspace.active == 2
    workspace.step_tab(-1)
    assert workspace.active == 3
    assert not workspace.go_to_tab(2)
    assert not workspace.go_to_tab(-1)


def test_the_keys_move_inside_a_tab() -> None:
    workspace = two_tabs()
    workspace.go_to_tab(0)
    workspace.go("left")
    assert workspace.active == 1
    workspace.go("left")
    assert workspace.active == 1
    workspace.step_terminal()
    assert workspace.active == 2
    workspace.activate(3)
    assert workspace.active == 3


def test_when_one_closes_the_one_used_before_gets_the_keys() -> None:
    workspace = two_tabs()
    workspace.go_to_tab(0)
    workspace.split(5, beside=False)
    workspace.activate(1)
    workspace.activate(5)
    workspace.close(5)
    assert workspace.active == 1
    workspace.close(1)
    workspace.close(2)
    assert [tab.numbers for tab in workspace.tabs] == [[3]]
    assert workspace.active == 3
    workspace.close(3)
    assert (workspace.tabs, workspace.receivers) == ([], [])


def test_a_zoomed_tab_shows_the_active_one_alone() -> None:
    workspace = two_tabs()
    workspace.go_to_tab(0)
    tab = workspace.tabs[0]
    tab.zoomed = True
    assert tab.shown == [2]
    assert set(tab.places(80, 24)) == {2}
    assert not workspace.is_shown(1)
    workspace.go("left")
    assert tab.shown == [1]
    workspace.close(1)
    assert not tab.zoomed


def test_a_tab_is_broken_up_and_joined_again() -> None:
    workspace = two_tabs()
    assert not workspace.break_out(), "it has a tab of its own"
    workspace.go_to_tab(0)
    assert workspace.break_out()
    assert [tab.numbers for tab in workspace.tabs] == [[1], [2], [3]]
    assert workspace.active == 2
    assert workspace.join_next()
    assert [tab.numbers for tab in workspace.tabs] == [[1], [2, 3]]
    assert workspace.active == 2
    assert workspace.join_next()
    assert not workspace.join_next()
    assert sorted(workspace.numbers) == [1, 2, 3]
    assert workspace.active == 2


def test_what_is_typed_goes_to_one_until_broadcast() -> None:
    workspace = two_tabs()
    assert workspace.receivers == [3]
    workspace.toggle_mark()
    assert not workspace.toggle_broadcast(), "one alone is no broadcast"
    workspace.activate(1)
    workspace.toggle_mark()
    assert workspace.receivers == [1]
    assert workspace.toggle_broadcast()
    assert workspace.receivers == [1, 3]
    workspace.activate(2)
    assert workspace.receivers == [2], "not marked: only itself"
    workspace.activate(3)
    assert workspace.receivers == [3, 1]
    workspace.close(1)
    assert not workspace.broadcasting, "with one left it is over, not asleep"


def test_all_of_a_tab_are_marked_and_unmarked() -> None:
    workspace = two_tabs()
    workspace.go_to_tab(0)
    workspace.toggle_mark()
    workspace.toggle_all_marks()
    assert workspace.marked == {1, 2}
    workspace.toggle_broadcast()
    workspace.toggle_all_marks()
    assert workspace.marked == set()
    assert not workspace.broadcasting


DEEDS = st.lists(
    st.sampled_from(
        "open beside below close step other left zoom break join mark all broadcast".split()
    ),
    max_size=40,
)


@given(DEEDS)
def test_whatever_one_does_each_terminal_is_in_one_tab(deeds: list[str]) -> None:
    workspace, alive = Workspace(), set[int]()
    for number, deed in enumerate(deeds):
        match deed:
            case "open" | "beside" | "below":
                alive.add(number)
                if deed == "open":
                    workspace.open(number)
                else:
                    workspace.split(number, beside=deed == "beside")
                assert workspace.active == number
            case "close" if workspace.active is not None:
                alive.discard(workspace.active)
                workspace.close(workspace.active)
            case "step":
                workspace.step_tab(1)
            case "other":
                workspace.step_terminal()
            case "left":
                workspace.go("left")
            case "zoom" if workspace.tab is not None:
                workspace.tab.zoomed = True
            case "break":
                workspace.break_out()
            case "join":
                workspace.join_next()
            case "mark":
                workspace.toggle_mark()
            case "all":
                workspace.toggle_all_marks()
            case "broadcast":
                workspace.toggle_broadcast()
            case _:
                pass
        assert sorted(workspace.numbers) == sorted(alive)
        assert workspace.marked <= alive
        assert (workspace.active is None) == (not alive)
        if workspace.tab is not None:
            assert workspace.active in workspace.tab.shown
        assert len(workspace.receivers) == len(set(workspace.receivers))
        assert not workspace.broadcasting or len(workspace.marked) > 1
