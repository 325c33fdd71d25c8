"""A terminal's screen as text that people can read, attributes included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from widgets.vt import Cell, Pen, Terminal

HEAD = "=== after "
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
FLAGS = "bold dim italic blink inverse hidden strike".split()


def picture(terminal: Terminal) -> str:
    """The cursor, the modes that are not as at power-on, each row behind a bar, and below a row
    with attributes the letters of its pens."""
    return "\n".join(_lines(terminal)) + "\n"


def _lines(terminal: Terminal) -> Iterator[str]:
    cursor = terminal.cursor
    looks = [cursor.shape, *["hidden"] * cursor.hidden, *["pending"] * cursor.pending_wrap]
    yield f"cursor {cursor.row} {cursor.column} {' '.join(looks)}"
    fresh = Terminal(1, 1).modes
    changed = {
        key: value for key, value in vars(terminal.modes).items() if value != vars(fresh)[key]
    }
    yield f"modes {changed}"
    yield f"scrollback {terminal.history_length}"
    pens: dict[str, str] = {}
    for index in range(terminal.lines):
        row = list(terminal.line(index))
        yield "|" + "".join(cell.text for cell in row).rstrip()
        letters = "".join(_letter(cell, pens) for cell in row if cell.width)
        if letters.strip():
            yield f" {letters.rstrip()}"
    for description, letter in pens.items():
        yield f"{letter}: {description}"


def _letter(cell: Cell, pens: dict[str, str]) -> str:
    described = describe(cell.pen)
    if not described:
        return " "
    return pens.setdefault(described, LETTERS[len(pens) % len(LETTERS)])


def describe(pen: Pen) -> str:
    """A pen in words; nothing for the default one."""
    style = pen.style
    words = [name for name in FLAGS if getattr(style, name)]
    if style.underline:
        words.append(f"underline={style.underline}")
    named = {
        "color": pen.foreground,
        "on": pen.background,
        "line": style.underline_color,
        "link": style.link or "default",
    }
    words += [f"{name}={value}" for name, value in named.items() if value != "default"]
    return " ".join(words)


def written(data: bytes, offsets: Sequence[int], columns: int, lines: int) -> str:
    """The pictures after so many bytes each, as a file."""
    terminal = Terminal(columns, lines)
    parts: list[str] = []
    start = 0
    for offset in offsets:
        terminal.feed(data[start:offset])
        start = offset
        parts.append(f"{HEAD}{offset} bytes\n{picture(terminal)}")
    return "".join(parts)


def read(text: str) -> list[tuple[int, str]]:
    """The offsets and pictures of such a file."""
    found: list[tuple[int, str]] = []
    for part in text.split(HEAD)[1:]:
        first, _, shown = part.partition("\n")
        found.append((int(first.split()[0]), shown))
    return found
