"""A table of records that stays calm while it is updated.

Rows are known by keys: the selected row stays selected and stays where it is on the screen when
rows come and go around it, and only cells that changed are drawn again. Columns share the width
there is, so nothing scrolls sideways. Rendering is by line, so ten thousand rows cost no more
than the twenty on the screen.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.columns import Column, fit_columns

GAP = 2
MARGIN = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell and the name of its look (`table--<look>` in the stylesheet)."""

    text: str
    look: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One row: a key that stays the same for the life of the record, and a cell per column."""

    key: str
    cells: dict[str, Cell]


class RecordTable(ScrollView, can_focus=True):
    """Rows under a fixed header, one of them selected."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    RecordTable { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--marked",
        "table--good",
        "table--warn",
        "table--bad",
        "table--busy",
        "table--muted",
        "table--strong",
        "table--accent",
        "table--info",
    }

    class Highlighted(Message):
        """Another row is selected now; `key` is None when there is no row."""

        def __init__(self, table: RecordTable, key: str | None) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> RecordTable:
            """The table, for `@on(…, selector)`."""
            return self.table

    class Chosen(Message):
        """The selected row was opened, by a double click."""

        def __init__(self, table: RecordTable, key: str) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> RecordTable:
            """The table, for `@on(…, selector)`."""
            return self.table

    def __init__(self, columns: Sequence[Column], *, id: str) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        self.cursor = 0
        self.cells_drawn_again = 0
        self._index: dict[str, int] = {}
        self._fitted: list[tuple[Column, int]] = []
        self._fitted_for = 0

    # -- the records

    @property
    def selected_key(self) -> str | None:
        """The key of the selected row, None in an empty table."""
        return self.rows[self.cursor].key if self.rows else None

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows instead; draw again only what is different."""
        old_rows, old_key = self.rows, self.selected_key
        if len(old_rows) == len(rows) and all(map(operator.is_, old_rows, rows)):
            return
        self.rows = list(rows)
        self._index = {row.key: place for place, row in enumerate(self.rows)}
        same_places = len(old_rows) == len(rows) and all(
            old.key == new.key for old, new in zip(old_rows, rows, strict=True)
        )
        if self._fit() or not same_places:
            self._keep_selection(old_key)
            self.virtual_size = Size(0, len(self.rows) + 1)
            self.refresh()
        else:
            self._refresh_changed_cells(old_rows)
        if self.selected_key != old_key:
            self.post_message(self.Highlighted(self, self.selected_key))

    def select(self, key: str) -> bool:
        """Select the row of that key; False when there is none."""
        if key not in self._index:
            return False
        self.move_cursor(self._index[key])
        return True

    def move_cursor(self, place: int) -> None:
        """Select the row at that place, as near as there is one, and bring it into view."""
        place = max(0, min(place, len(self.rows) - 1))
        if place == self.cursor or not self.rows:
            return
        old, self.cursor = self.cursor, place
        self._refresh_row(old)
        self._refresh_row(place)
        self._show_cursor()
        self.post_message(self.Highlighted(self, self.selected_key))

    def _keep_selection(self, old_key: str | None) -> None:
        """After rows came or went: the same record, on the same line of the screen."""
        old = self.cursor
        if old_key is not None and old_key in self._index:
            self.cursor = self._index[old_key]
        else:
            self.cursor = max(0, min(old, len(self.rows) - 1))
        if self.cursor != old and self.scroll_offset.y:
            target = self.scroll_offset.y + self.cursor - old
            self.call_after_refresh(self.scroll_to, y=max(0, target), animate=False)

    def _refresh_changed_cells(self, old_rows: list[Row]) -> None:
        for place, (old, new) in enumerate(zip(old_rows, self.rows, strict=True)):
            if old is new or old == new:
                continue
            column_at = MARGIN
            for column, width in self._fitted:
                if old.cells.get(column.key) != new.cells.get(column.key):
                    self.cells_drawn_again += 1
                    self._refresh_at(column_at, place, width)
                column_at += width + GAP

    # -- layout

    def _fit(self) -> bool:
        """Share the width among the columns; True when that changed."""
        content = {
            column.key: max(
                (
                    cell_len(row.cells[column.key].text)
                    for row in self.rows
                    if column.key in row.cells
                ),
                default=0,
            )
            for column in self.columns
        }
        width = self.scrollable_content_region.width - 2 * MARGIN
        fitted = fit_columns(self.columns, content, max(width, 1), GAP)
        changed = fitted != self._fitted
        self._fitted, self._fitted_for = fitted, width
        return changed

    def on_resize(self, _event: events.Resize) -> None:
        """Share the new width, and keep the selected row in view."""
        self._fit()
        self.virtual_size = Size(0, len(self.rows) + 1)
        self.refresh()
        self.call_after_refresh(self._show_cursor)

    def _visible_rows(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    def _show_cursor(self) -> None:
        top, seen = self.scroll_offset.y, self._visible_rows()
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + seen:
            self.scroll_to(y=self.cursor - seen + 1, animate=False)

    def _refresh_row(self, place: int) -> None:
        self._refresh_at(0, place, self.size.width)

    def _refresh_at(self, column: int, place: int, width: int) -> None:
        line = place - self.scroll_offset.y + 1
        if 1 <= line < self.size.height:
            self.refresh(Region(column, line, width, 1))

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """The header on the first line, then the rows from the scroll position on."""
        width = self.scrollable_content_region.width
        if width - 2 * MARGIN != self._fitted_for:
            self._fit()  # a table that was hidden is drawn before it is told of its size
        base = self.rich_style
        if y == 0:
            style = base + self.get_component_rich_style("table--header", partial=True)
            titles = {column.key: Cell(column.title) for column in self.columns}
            return self._render_cells(titles, style, width, plain=True)
        place = y - 1 + self.scroll_offset.y
        if place >= len(self.rows):
            return Strip.blank(width, base)
        if place == self.cursor:
            base += self.get_component_rich_style("table--cursor", partial=True)
        return self._render_cells(self.rows[place].cells, base, width, plain=False)

    def _render_cells(
        self, cells: dict[str, Cell], base: Style, width: int, *, plain: bool
    ) -> Strip:
        segments = [Segment(" " * MARGIN, base)]
        for number, (column, column_width) in enumerate(self._fitted):
            cell = cells.get(column.key, Cell(""))
            style = base
            if cell.look and not plain:
                style = base + self._look(cell.look)
            if number:
                segments.append(Segment(" " * GAP, base))
            segments.append(Segment(_fitted_text(cell.text, column, column_width), style))
        strip = Strip(segments)
        return strip.adjust_cell_length(width, base)

    def _look(self, look: str) -> Style:
        """The foreground and weight of a look; the background stays the row's."""
        style = self.get_component_rich_style(f"table--{look}", partial=True)
        return style.without_color + Style(color=style.color)

    # -- keys and mouse

    def action_cursor_down(self) -> None:
        """Select the next row."""
        self.move_cursor(self.cursor + 1)

    def action_cursor_up(self) -> None:
        """Select the row before."""
        self.move_cursor(self.cursor - 1)

    def action_page_down(self) -> None:
        """Select the row a screenful further down."""
        self.move_cursor(self.cursor + self._visible_rows())

    def action_page_up(self) -> None:
        """Select the row a screenful further up."""
        self.move_cursor(self.cursor - self._visible_rows())

    def action_first_row(self) -> None:
        """Select the first row."""
        self.move_cursor(0)

    def action_last_row(self) -> None:
        """Select the last row."""
        self.move_cursor(len(self.rows) - 1)

    def on_click(self, event: events.Click) -> None:
        """A click selects a row, a double click opens it."""
        place = event.y - 1 + self.scroll_offset.y
        if event.y < 1 or place >= len(self.rows):
            return
        self.move_cursor(place)
        if event.chain == 2:
            self.post_message(self.Chosen(self, self.rows[place].key))


def _fitted_text(text: str, column: Column, width: int) -> str:
    """The text in exactly `width` cells, with an ellipsis where it was cut."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if column.ellipsis else text[:width]
    padding = " " * (width - length)
    return padding + text if column.right else text + padding
