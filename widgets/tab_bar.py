"""The line above the terminals: a tab for each, that can be clicked, and notes on the right."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.message import Message

from widgets.status_line import Part, StatusLine

LEAST = 12
MOST = 40


@dataclasses.dataclass(frozen=True, slots=True)
class TabLabel:
    """What a tab says: whose it is, what runs there, and flags (unread, bell, ended)."""

    name: str
    title: str
    flags: str = ""
    look: str = "muted"
    front: bool = False

    def parts(self, room: int) -> tuple[Part, ...]:
        """The label in at most `room` cells; the title gives way first."""
        flags = f" {self.flags}" if self.flags else ""
        room -= cell_len(flags) + 2
        name = _cut(self.name, room)
        room -= cell_len(name)
        if not self.front:
            title = _cut(self.title, room - 1)
            return ((f" {name}{' ' if title else ''}{title}{flags} ", self.look),)
        title = _cut(self.title, room - 2)
        parts = ((f" {name}{flags} ", self.look),)
        return (*parts, (f" {title} ", "strong")) if title else parts


def _cut(text: str, room: int) -> str:
    if room < 3:
        return ""
    return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"


def fit_tabs(count: int, front: int, room: int) -> tuple[int, int, int]:
    """Of so many tabs: the first that is shown, how many are, and the room of each."""
    if count < 2:
        return 0, count, room
    each = max(LEAST, min(MOST, room // count))
    fitting = min(count, max(1, room // each))
    return min(max(0, front - fitting + 1), count - fitting), fitting, each


class TabBar(StatusLine):
    """Tabs from the left, as many as fit around the one in front."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._spans: list[tuple[int, int]] = []

    def show_tabs(self, tabs: Sequence[TabLabel], right: tuple[Part, ...]) -> None:
        """Show these tabs; what stands right of them is not cut for them."""
        room = self.size.width - sum(cell_len(text) for text, _ in right) - 2
        front = next((index for index, tab in enumerate(tabs) if tab.front), 0)
        first, count, each = fit_tabs(len(tabs), front, room)
        left: list[Part] = [("«", "muted")] if first else []
        self._spans = []
        for index in range(first, first + count):
            self._spans.append((sum(cell_len(text) for text, _ in left), index))
            left += tabs[index].parts(each)
        if first + count < len(tabs):
            left.append(("»", "muted"))
        self.show(tuple(left), right)

    def on_click(self, event: events.Click) -> None:
        """Bring the tab to the front that is under the mouse."""
        found = [index for start, index in self._spans if start <= event.x]
        if found and event.x < sum(cell_len(text) for text, _ in self._left):
            self.post_message(self.Chosen(found[-1]))
