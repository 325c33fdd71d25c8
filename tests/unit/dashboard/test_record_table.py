"""A table that is drawn again and again."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import App

from widgets.columns import Column
from widgets.record_table import Cell, RecordTable, Row


class Table(RecordTable):
    """A table that is not told of its size."""

    def on_resize(self, event: events.Resize) -> None:
        """As before the message has come."""
        event.prevent_default()


async def test_a_table_that_is_shown_is_right_the_first_time_it_is_drawn() -> None:
    class OnlyTable(App[None]):
        def compose(self) -> Any:
            yield Table([Column("a", "A", 4, 40, grow=True), Column("b", "B", 4, 40)], id="table")

    async with OnlyTable().run_test(size=(40, 10)) as pilot:
        table = pilot.app.query_one(Table)
        table.display = False
        await pilot.pause()
        table.set_rows([Row("one", {"a": Cell("a long word"), "b": Cell("other")})])
        table.display = True
        await pilot.pause()
        assert "a long word" in table.render_line(1).text
        assert table.render_line(1).cell_length == table.size.width
