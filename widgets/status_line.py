"""One line of text in parts: what stands left, what stands right, and what gives way first."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from widgets.wording import printable

Part = tuple[str, str]
"""A text and the name of its look (`line--<look>` in the stylesheet)."""


class StatusLine(Widget):
    """A line whose left parts are cut before its right parts are."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "StatusLine { height: 1; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--brand",
        "line--strong",
        "line--good",
        "line--warn",
        "line--bad",
        "line--accent",
        "line--info",
        "line--muted",
        "line--key",
        "line--flash",
        "line--alarm",
    }

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._left: tuple[Part, ...] = ()
        self._right: tuple[Part, ...] = ()

    def show(self, left: tuple[Part, ...], right: tuple[Part, ...] = ()) -> None:
        """Show these parts; draws only when something is different."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    @property
    def text(self) -> str:
        """All that is said, in one string."""
        return "".join(text for text, _ in self._left + self._right)

    def render_line(self, _y: int) -> Strip:
        """The only line."""
        width = self.size.width
        right = self._fit(self._right, width - 1)
        taken = sum(cell_len(segment.text) for segment in right)
        left = self._fit(self._left, width - taken)
        gap = width - taken - sum(cell_len(segment.text) for segment in left)
        return Strip([*left, Segment(" " * gap, self.rich_style), *right], width)

    def _fit(self, parts: tuple[Part, ...], room: int) -> list[Segment]:
        segments: list[Segment] = []
        for said, look in parts:
            if room <= 0:
                break
            whole = printable(said)
            text = whole if cell_len(whole) <= room else set_cell_size(whole, room - 1) + "…"
            style = self.rich_style
            if look:
                part = self.get_component_rich_style(f"line--{look}", partial=True)
                style += part
            segments.append(Segment(text, style))
            room -= cell_len(text)
        return segments
