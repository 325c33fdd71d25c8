"""Text tables for people: aligned columns, nothing that could steer the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import wcwidth

from widgets.wording import printable

_GAP = "   "


def render_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Heads and rows in columns as wide as needed; the last column is not padded."""
    lines = [list(heads), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_join(line, widths) for line in lines)


def shorten(text: str, limit: int) -> str:
    """At most `limit` cells of `text`, with an ellipsis where something is left out."""
    if _width(text) <= limit:
        return text
    kept = ""
    for char in text:
        if _width(kept + char) >= limit:
            break
        kept += char
    return kept + "…"


def _join(line: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
    return _GAP.join(padded).rstrip()


def _width(text: str) -> int:
    return max(0, wcwidth.wcswidth(text))
