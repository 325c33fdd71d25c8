"""How the columns of a table share the width there is: pure arithmetic, no drawing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column: between `minimum` and `maximum` cells wide.

    `importance` decides which columns go first when there is no room (low ones go; 0 is never
    left out). Columns that `grow` take the room that is left over;
    without `ellipsis` a text that is too long is simply cut, as ids may be.
    """

    key: str
    title: str
    minimum: int
    maximum: int
    importance: int = 0
    right: bool = False
    grow: bool = False
    ellipsis: bool = True


def fit_columns(
    columns: Sequence[Column], content: Mapping[str, int], width: int, gap: int
) -> list[tuple[Column, int]]:
    """The columns to show and their widths, for `width` cells in all with `gap` between two.

    `content` is how wide the widest text of each column is. First the least important columns
    are left out until all fit at their minimum, then the rest of the width is handed out: up to
    what the content needs, from the left, and what is still left to the growing columns.
    """
    shown = list(columns)
    while len(shown) > 1 and _least(shown, gap) > width:
        droppable = [column for column in shown if column.importance]
        if not droppable:
            break
        shown.remove(min(droppable, key=lambda column: column.importance))
    widths = {column.key: column.minimum for column in shown}
    spare = max(0, width - _least(shown, gap))
    for column in sorted(shown, key=lambda column: column.grow):
        need = max(len(column.title), content.get(column.key, 0))
        more = min(spare, max(0, min(need, column.maximum) - widths[column.key]))
        widths[column.key] += more
        spare -= more
    growing = [column for column in shown if column.grow]
    for place, column in enumerate(growing):
        share = spare // (len(growing) - place)
        widths[column.key] += share
        spare -= share
    return [(column, widths[column.key]) for column in shown]


def _least(columns: Sequence[Column], gap: int) -> int:
    return sum(column.minimum for column in columns) + gap * (len(columns) - 1)
