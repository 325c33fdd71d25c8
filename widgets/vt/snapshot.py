"""A screen as escape sequences, to be restored on a real terminal of the same size."""

from __future__ import annotations

from typing import Final

from widgets.vt.cells import Cell
from widgets.vt.colors import format_color
from widgets.vt.cursor import SavedCursor
from widgets.vt.line import Line
from widgets.vt.modes import ENCODING, TRACKING
from widgets.vt.national import NATIONAL
from widgets.vt.pens import Pen
from widgets.vt.screen import Screen
from widgets.vt.sgr import parameters
from widgets.vt.terminal import Terminal
from widgets.vt.width import cell_width

# Everything that could disturb the painting is switched off first: mouse and paste, margins, origin
# mode, insert mode, line drawing, autowrap.
_PLAIN: Final = '\x1b[0m\x1b[0"q\x1b]8;;\x1b\\\x1b(B\x1b)B\x1b*B\x1b+B\x0f'
_PREPARE: Final = (
    "\x1b[?1049l\x1b[!p\x1b[?2026l\x1b[?9;1000;1002;1003;1004;1005;1006;1015;1016;2004l"
    "\x1b[?69l\x1b[?6;5;42;45;1045;66;67;2031l\x1b[?2027h\x1b[20l\x1b[2;4l\x1b[12h\x1b[?1007h"
    f"\x1b>\x1b[>4;0m\x1b[r{_PLAIN}\x1b[?7l\x1b[?25l"
)
_CLEAR: Final = "\x1b[0m\x1b[H\x1b[2J"

_SIMPLE_MODES: Final = {
    "application_cursor": 1,
    "reverse_screen": 5,
    "allow_column_switch": 40,
    "reverse_wrap": 45,
    "backarrow_sends_backspace": 67,
    "keep_on_column_switch": 95,
    "focus_events": 1004,
    "alternate_scroll": 1007,
    "reverse_wrap_extended": 1045,
    "bracketed_paste": 2004,
    "grapheme_clusters": 2027,
    "color_scheme_reports": 2031,
}
_ANSI_MODES: Final = {"keyboard_locked": 2, "insert": 4, "local_echo_off": 12, "newline": 20}


def snapshot(terminal: Terminal) -> bytes:
    """Sequences that clear a terminal and show on it what this one shows.

    They carry every cell with its pen, the scroll region, the cursor and the modes that govern
    input, so that a program goes on as if it had never been left. Behind the alternate screen
    the main one is painted too.
    """
    screen = terminal.screen
    parts = [_PREPARE, _CLEAR]
    if screen.modes.alternate_screen:
        parts.append(_painted(screen.other_grid))
        # Switching saves the cursor, as it did when the program switched.
        parts += [_saved_place(screen.other_saved), "\x1b[?1049h", _PLAIN, _CLEAR]
    parts.append(_painted(screen.grid))
    if screen.saved is not None:
        parts += [_saved_place(screen.saved), "\x1b7"]
    parts += [
        _colors(screen),
        _state(screen),
        _cursor(screen),
        "\x1b[?2026h" * screen.modes.synchronized,
    ]
    return "".join(parts).encode("utf-8", "replace")


def _saved_place(saved: SavedCursor | None) -> str:
    """Put the cursor, its pen and its character sets where they were saved."""
    if saved is None:
        return _PLAIN + "\x1b[H"
    place = f"\x1b[{saved.y + 1};{saved.x + 1}H"
    return place + pen_sequence(saved.pen) + _charsets(saved.charsets, saved.shifted_to)


def _colors(screen: Screen) -> str:
    """The title, and the colours that the program has changed."""
    colors = screen.colors
    parts = [f"\x1b]2;{screen.title}\x1b\\"] if screen.title else []
    parts += [f"\x1b]4;{n};{format_color(rgb)}\x1b\\" for n, rgb in colors.palette.items()]
    dynamic = {10: colors.foreground, 11: colors.background, 12: colors.cursor}
    parts += [f"\x1b]{n};{format_color(rgb)}\x1b\\" for n, rgb in dynamic.items() if rgb]
    return "".join(parts)


def _painted(grid: list[Line]) -> str:
    return "".join(_painted_row(line, row) for row, line in enumerate(grid))


def _painted_row(line: Line, row: int) -> str:
    end = len(line.fill())
    while end and _is_untouched(line[end - 1]):
        end -= 1
    if not end:
        return ""
    parts = [f"\x1b[{row + 1}H"]
    pen: Pen | None = None
    for column, cell in enumerate(line[:end]):
        if cell.width:
            if cell.pen is not pen:
                parts.append(pen_sequence(cell.pen))
                pen = cell.pen
            parts.append(_cell_text(cell, column))
    return "".join(parts)


def _is_untouched(cell: Cell) -> bool:
    return cell.text == " " and cell.pen == cell.pen.table.default


def _cell_text(cell: Cell, column: int) -> str:
    """The text of a cell; around a cluster the place is stated, for terminals differ in its
    width."""
    text = cell.text
    if text.isascii():
        return text
    if cell_width(text) != cell.width:
        text = f"\x1b[?2027l{text}\x1b[?2027h"
    elif len(text) == 1 and text < "\u0300":
        return text
    return f"\x1b[{column + 1}G{text}\x1b[{column + 1 + cell.width}G"


def pen_sequence(pen: Pen) -> str:
    """What makes this pen the current one, whatever it was before."""
    link = pen.style.link
    protection = '\x1b[1"q' if pen.style.protected else '\x1b[0"q'
    return f"\x1b[{parameters(pen)}m{protection}\x1b]8;;{link or ''}\x1b\\"


def _state(screen: Screen) -> str:
    """Margins, tab stops and modes, as they differ from what a reset leaves."""
    modes = screen.modes
    parts = [_tab_stops(screen)]
    for name, number in _SIMPLE_MODES.items():
        parts.append(f"\x1b[?{number}{'h' if getattr(modes, name) else 'l'}")
    for name, number in _ANSI_MODES.items():
        parts.append(f"\x1b[{number}{'h' if getattr(modes, name) else 'l'}")
    parts += [f"\x1b[?{n}h" for n, name in TRACKING.items() if name == modes.mouse_tracking]
    parts += [f"\x1b[?{n}h" for n, name in ENCODING.items() if name == modes.mouse_encoding]
    parts.append("\x1b=" if modes.application_keypad else "\x1b>")
    parts.append(f"\x1b[>4;{modes.modify_other_keys}m")
    if modes.left_right_margins:
        parts.append(f"\x1b[?69h\x1b[{screen.left + 1};{screen.right + 1}s")
    parts.append(f"\x1b[{screen.top + 1};{screen.bottom + 1}r")
    return "".join(parts)


def _tab_stops(screen: Screen) -> str:
    if screen.tabstops == set(range(8, screen.columns, 8)):
        return ""
    stops = sorted(stop for stop in screen.tabstops if stop < screen.columns)
    return "\x1b[3g" + "".join(f"\x1b[1;{stop + 1}H\x1bH" for stop in stops)


def _cursor(screen: Screen) -> str:
    """Place, look and pen of the cursor; what is pending at the right edge is written once more."""
    cursor = screen.cursor
    modes = screen.modes
    row, column = cursor.y, cursor.x
    parts = ["\x1b[?7h"]
    if modes.origin:
        parts.append("\x1b[?6h")
        row, column = row - screen.top, column - screen.left
    parts.append(f"\x1b[{row + 1};{column + 1}H")
    if cursor.pending_wrap:
        parts.append(_pending(screen))
    if not modes.autowrap:
        parts.append("\x1b[?7l")
    parts += [
        pen_sequence(screen.pen),
        _charsets(screen.charsets, screen.shifted_to),
        f"\x1b[?42{'h' if modes.national_sets else 'l'}",
        f"\x1b[{cursor.style_number} q",
    ]
    parts.append(f"\x1b[?12{'h' if modes.cursor_blink else 'l'}")
    parts.append(f"\x1b[?25{'l' if cursor.hidden else 'h'}")
    return "".join(parts)


def _pending(screen: Screen) -> str:
    """Write the cell under the cursor again, which leaves the wrap pending."""
    line = screen.row(screen.cursor.y)
    cell = line[screen.cursor.x]
    back = ""
    if not cell.width:
        cell = line[screen.cursor.x - 1]
        back = "\x1b[D"
    text = cell.text
    if cell_width(text) != cell.width:
        text = f"\x1b[?2027l{text}\x1b[?2027{'h' if screen.modes.grapheme_clusters else 'l'}"
    insert = ("\x1b[4l", "\x1b[4h") if screen.modes.insert else ("", "")
    return f"{back}{insert[0]}{pen_sequence(cell.pen)}{text}{insert[1]}"


def _charsets(charsets: tuple[str, str, str, str], shifted_to: int) -> str:
    """Designate the sets and shift one in; mode 42 may be left set."""
    parts = [
        f"\x1b{'(-./'[slot]}{code[2:]}" if code.startswith("96") else f"\x1b{'()*+'[slot]}{code}"
        for slot, code in enumerate(charsets)
    ]
    if any(code in NATIONAL for code in charsets):
        parts.insert(0, "\x1b[?42h")
    return "".join(parts) + ("\x0f", "\x0e", "\x1bn", "\x1bo")[shifted_to]
