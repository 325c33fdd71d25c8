"""Links in a terminal: those a program marked as such (OSC 8), and addresses in plain text."""

from __future__ import annotations

import re

from widgets.terminal_rows import Rows

MAX_ROWS = 40

_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"'`|\\^{}\x00-\x1f]+")
_PAIRS = {")": "(", "]": "["}


def link_at(rows: Rows, row: int, column: int) -> str | None:
    """The target of the link on that cell; an address may run over wrapped rows."""
    if not rows.first <= row <= rows.last:
        return None
    line = rows.line(row)
    if column >= len(line):
        return None
    marked = line[column].link
    return marked or _address_at(rows, row, column)


def _address_at(rows: Rows, row: int, column: int) -> str | None:
    first = row
    while first > max(rows.first, row - MAX_ROWS) and rows.line(first - 1).wrapped:
        first -= 1
    text, here, last = "", 0, first
    while True:
        line = rows.line(last)
        if last == row:
            here = len(text) + sum(len(cell.text) for cell in line[:column])
        text += line.plain()
        if not line.wrapped or last >= min(rows.last, row + MAX_ROWS):
            break
        last += 1
    for found in _ADDRESS.finditer(text):
        address = _trimmed(found[0])
        if found.start() <= here < found.start() + len(address):
            return address
    return None


def _trimmed(address: str) -> str:
    """Without the punctuation of the sentence around it; a closing bracket needs its opening."""
    while address[-1] in ".,;:!?)]":
        last = address[-1]
        if last in _PAIRS and address.count(_PAIRS[last]) >= address.count(last):
            break
        address = address[:-1]
    return address
