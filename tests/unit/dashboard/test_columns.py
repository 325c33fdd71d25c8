"""Columns share the width there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from widgets.columns import Column, fit_columns
from widgets.container_table import COLUMNS as CONTAINER_COLUMNS
from widgets.session_table import COLUMNS as SESSION_COLUMNS

GAP = 2

columns = st.lists(
    st.builds(
        Column,
        key=st.uuids().map(str),
        title=st.text("ABC", max_size=9),
        minimum=st.integers(1, 12),
        maximum=st.integers(12, 60),
        importance=st.integers(0, 9),
        grow=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(columns, st.integers(1, 200), st.data())
def test_what_is_shown_fits(given_columns: list[Column], width: int, data: st.DataObject) -> None:
    content = {
        column.key: data.draw(st.integers(0, 80), label=column.key) for column in given_columns
    }
    fitted = fit_columns(given_columns, content, width, GAP)
    total = sum(each for _, each in fitted) + GAP * (len(fitted) - 1)
    least = sum(column.minimum for column, _ in fitted) + GAP * (len(fitted) - 1)
    assert total <= max(width, least)
    assert all(each >= column.minimum for column, each in fitted)
    assert all(
        column in [each for each, _ in fitted] for column in given_columns if not column.importance
    )
    if any(column.grow for column, _ in fitted) and least <= width:
        assert total == width


def test_the_least_important_goes_first() -> None:
    three = [
        Column("a", "A", 10, 10),
        Column("b", "B", 10, 10, importance=2),
        Column("c", "C", 10, 10, importance=1),
    ]
    assert [column.key for column, _ in fit_columns(three, {}, 34, GAP)] == ["a", "b", "c"]
    assert [column.key for column, _ in fit_columns(three, {}, 33, GAP)] == ["a", "b"]
    assert [column.key for column, _ in fit_columns(three, {}, 21, GAP)] == ["a"]


def test_eighty_columns_keep_what_matters() -> None:
    width = 80 - 2 - 2
    sessions = {column.key for column, _ in fit_columns(SESSION_COLUMNS, {}, width, GAP)}
    assert sessions >= {"id", "container", "state", "pid", "command", "age", "attached", "exit"}
    containers = {column.key for column, _ in fit_columns(CONTAINER_COLUMNS, {}, width, GAP)}
    # An image is in the details; on most hosts no container is in a pod or a project.
    assert containers == {column.key for column in CONTAINER_COLUMNS} - {"image"}
