"""Laying text out anew for another width.

A row that met the right edge is marked as running on in the next. Such rows are one line of text;
they are joined and cut again. Places on the screen (the cursor, a saved one, the top of the screen)
travel with the character they stand on.
"""

from __future__ import annotations

from dataclasses import dataclass

from widgets.vt.cells import Cell
from widgets.vt.line import Line, new_line


@dataclass
class Place:
    """A row in the list of rows, and a column. A column equal to the width means "after the
    end"."""

    row: int
    column: int


def reflow(rows: list[Line], columns: int, places: list[Place], blank: Cell) -> list[Line]:
    """The rows for another width; ``places`` are moved in place."""
    result: list[Line] = []
    waiting = sorted(places, key=lambda place: place.row)
    start = 0
    while start < len(rows):
        end = start
        while rows[end].wrapped and end + 1 < len(rows):
            end += 1
        inside: list[Place] = []
        while waiting and waiting[0].row <= end:
            inside.append(waiting.pop(0))
        _lay_out(rows[start : end + 1], start, columns, inside, blank, result)
        start = end + 1
    return result


def _lay_out(
    rows: list[Line], first: int, columns: int, inside: list[Place], blank: Cell, result: list[Line]
) -> None:
    """Append one line of text to the result, cut for the width."""
    if len(rows) == 1 and _fits(rows[0], columns) and all(at.column < columns for at in inside):
        for place in inside:
            place.row = len(result)
        result.append(rows[0])
        rows[0].wrapped = False
        return
    text, starts = _joined(rows)
    offsets = [starts[place.row - first] + place.column for place in inside]
    text += [blank] * (max(offsets, default=0) - len(text))
    if columns == 1:
        # No wide character can be shown at all.
        text = [cell if cell.width == 1 else blank for cell in text]
    cuts = _cuts(text, columns)
    for place, offset in zip(inside, offsets, strict=True):
        part = max(index for index, cut in enumerate(cuts) if cut <= offset)
        if part and offset == cuts[part] == len(text):
            part -= 1
        place.row = len(result) + part
        place.column = min(offset - cuts[part], columns)
    at = len(result)
    for begin, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        row = new_line(text[begin:end], wrapped=end < len(text))
        row.gap = row.wrapped and end - begin < columns
        result.append(row.fit(columns, blank))
    result[at].mark = rows[0].mark


def _fits(line: Line, columns: int) -> bool:
    # Only blanks may be cut off. The row itself is brought to the width when somebody looks at it,
    # so that a long scrollback costs nothing here.
    return line.extent() <= columns or line.used() <= columns


def _joined(rows: list[Line]) -> tuple[list[Cell], list[int]]:
    """The cells of a line of text, and where each of its rows begins among them."""
    text: list[Cell] = []
    starts: list[int] = []
    for row in rows:
        starts.append(len(text))
        if row is rows[-1]:
            text += row[: row.used()]
        else:
            text += row[:-1] if has_gap(row.fill()) else row
    return text, starts


def has_gap(row: Line) -> bool:
    """Whether the last column is no part of the text, since a wide character did not fit there."""
    return row.wrapped and row.gap and row.fill()[-1].text == " "


def _cuts(text: list[Cell], columns: int) -> list[int]:
    """Where the rows begin when the text is cut; never inside a wide character."""
    cuts = [0]
    while len(text) - cuts[-1] > columns:
        cut = cuts[-1] + columns
        if not text[cut].width:
            cut -= 1
        cuts.append(cut)
    return cuts
