"""What is shown on top of a terminal's rows: what was found, what is selected, the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from widgets.terminal_paint import Mark

if TYPE_CHECKING:
    from widgets.terminal import TerminalView


def marks_on(view: TerminalView, y: int, width: int) -> list[Mark]:
    """The marks on one line of the view; later ones are on top."""
    look, row = view.look, view.look.top + y
    marks = _hits(view, row)
    columns = look.selection.columns(row, width) if look.selection else None
    if columns is not None:
        style = view.get_component_rich_style("terminal--selection")
        marks.append(Mark(*columns, style.without_color + Style(bgcolor=style.bgcolor)))
    if look.copy is not None:
        if look.copy.row == row:
            style = view.get_component_rich_style("terminal--copy-cursor")
            marks.append(Mark(look.copy.column, look.copy.column + 1, style))
        return marks
    cursor = view.terminal.cursor
    if y == cursor.row and cursor.visible and view.cursor_on and not look.scrolled:
        marks.append(view.painter.cursor(cursor.column, focused=view.has_focus, shape=cursor.shape))
    return marks


def _hits(view: TerminalView, row: int) -> list[Mark]:
    copy = view.look.copy
    if copy is None or copy.search is None:
        return []
    found = view.get_component_rich_style("terminal--hit")
    here = view.get_component_rich_style("terminal--hit-here")
    return [
        Mark(start, end, here if number == copy.hit else found)
        for number, start, end in copy.search.on_row(row)
    ]
