"""What a terminal shows, in a form that two emulators can be compared by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from widgets.vt import Cell, Line, Terminal

Shape = tuple[Any, ...]
"""A cell: its text, its width, and its pen as a tuple of colours and attributes."""

PEN_FIELDS = (
    "foreground background bold dim italic underline underline_color blink inverse hidden strike"
    " link"
).split()


@dataclass(frozen=True)
class Row:
    """The cells of a row, and whether its text runs on in the next."""

    cells: tuple[Shape, ...]
    wrapped: bool


@dataclass(frozen=True)
class Shown:
    """A whole terminal. `behind` is the main screen while the alternate one is shown."""

    cursor: tuple[int, int]
    visible: bool
    alternate: bool
    modes: dict[str, Any]
    rows: tuple[Row, ...]
    behind: tuple[Row, ...]
    history: tuple[str, ...]


def ours(terminal: Terminal) -> Shown:
    """What our emulator shows."""
    screen = terminal.screen
    cursor = terminal.cursor
    behind = screen.other_grid if terminal.modes.alternate_screen else []
    return Shown(
        # A cursor that waits to wrap is told of as one behind the last column.
        cursor=(cursor.row, cursor.column + cursor.pending_wrap),
        visible=cursor.visible,
        alternate=terminal.modes.alternate_screen,
        modes=_modes(terminal),
        rows=tuple(_row(terminal.line(index)) for index in range(terminal.lines)),
        behind=tuple(_row(line) for line in behind),
        history=tuple("".join(row).rstrip(" ") for row in terminal.history()),
    )


def _row(line: Line) -> Row:
    return Row(tuple(_shape(cell) for cell in line.fill()), line.wrapped)


def _shape(cell: Cell) -> Shape:
    pen = {name: getattr(cell, name) for name in PEN_FIELDS}
    if cell.underline is None and cell.link is None:
        # xterm.js forgets the colour of an underline that is not there.
        pen["underline_color"] = "default"
    return cell.text, cell.width, tuple(pen.values())


def _modes(terminal: Terminal) -> dict[str, Any]:
    modes = terminal.modes
    tracking = {"button": "drag", "normal": "vt200"}
    return {
        "applicationCursorKeysMode": modes.application_cursor,
        "applicationKeypadMode": modes.application_keypad,
        "bracketedPasteMode": modes.bracketed_paste,
        "insertMode": modes.insert,
        "mouseTrackingMode": tracking.get(modes.mouse_tracking, modes.mouse_tracking),
        "originMode": modes.origin,
        "sendFocusMode": modes.focus_events,
        "synchronizedOutputMode": modes.synchronized,
        "wraparoundMode": modes.autowrap,
    }


def decoded(answer: dict[str, Any]) -> Shown:
    """What the oracle, or a golden file, says."""
    pens = [tuple(tuple(v) if isinstance(v, list) else v for v in pen) for pen in answer["pens"]]
    return Shown(
        cursor=(answer["cursor"][0], answer["cursor"][1]),
        visible=answer["visible"],
        alternate=answer["alternate"],
        modes=answer["modes"],
        rows=tuple(_decoded_row(row, pens) for row in answer["rows"]),
        behind=tuple(_decoded_row(row, pens) for row in answer["behind"]),
        history=tuple(row.rstrip(" ") for row in answer["history"]),
    )


def _decoded_row(row: dict[str, Any], pens: list[Shape]) -> Row:
    cells: list[Shape] = []
    for width, pen, texts in row["runs"]:
        for text in texts:
            cells.append((text, width, pens[pen]))
            cells += [("", 0, pens[pen])] * (width - 1)
    return Row(tuple(cells), row["wrapped"])


def differences(mine: Shown, theirs: Shown, *, wrapping: bool = True) -> Iterator[str]:
    """Every difference, one a line, for people; without `wrapping` no word of which rows run on."""
    for name in ("cursor", "visible", "alternate", "modes"):
        one, other = getattr(mine, name), getattr(theirs, name)
        if one != other:
            yield f"{name}: ours {one}, theirs {other}"
    for part in ("rows", "behind"):
        yield from _row_differences(part, getattr(mine, part), getattr(theirs, part))
        if wrapping:
            yield from _wrap_differences(part, getattr(mine, part), getattr(theirs, part))
    if len(mine.history) != len(theirs.history):
        yield f"history: ours {len(mine.history)} rows, theirs {len(theirs.history)}"
    for index, (line, other) in enumerate(zip(mine.history, theirs.history, strict=False)):
        if line != other:
            yield f"history {index}: ours {line!r}, theirs {other!r}"


def _row_differences(part: str, mine: tuple[Row, ...], theirs: tuple[Row, ...]) -> Iterator[str]:
    if len(mine) != len(theirs):
        yield f"{part}: ours {len(mine)}, theirs {len(theirs)}"
    for y, (row, other) in enumerate(zip(mine, theirs, strict=False)):
        if row.cells == other.cells:
            continue
        yield f"{part} {y}: ours {_text(row)!r}, theirs {_text(other)!r}"
        for x, (cell, their) in enumerate(zip(row.cells, other.cells, strict=False)):
            if cell != their:
                yield f"{part} {y} column {x}: ours {cell}, theirs {their}"


def _wrap_differences(part: str, mine: tuple[Row, ...], theirs: tuple[Row, ...]) -> Iterator[str]:
    # Below the last row xterm.js may keep a row from before a resize.
    for y, (row, other) in enumerate(zip(mine[:-1], theirs[:-1], strict=False)):
        if row.wrapped != other.wrapped:
            yield f"{part} {y}: runs on is {row.wrapped}, theirs {other.wrapped}"


def _text(row: Row) -> str:
    return "".join(text for text, _width, _pen in row.cells)
