"""What can be pressed after the prefix key: shown above the terminals until a key is pressed."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from app.keymap import TERMINAL_FAMILIES, TERMINAL_KEYS

WIDTH = 26
KEYS_WIDTH = 5


class KeyHint(Static):
    """A list of commands at the lower edge, above whatever is there; it takes no room."""

    DEFAULT_CSS = """
    KeyHint { layer: hint; dock: bottom; height: auto; width: 100%; display: none; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"hint--key"}

    def __init__(self) -> None:
        super().__init__(id="key-hint")

    def show(self, shown: bool) -> None:
        """Show it, or take it away."""
        if shown and not self.display:
            self.update(self._keys())
        self.display = shown

    def _keys(self) -> Table:
        columns = max(1, self.app.size.width // WIDTH)
        table = Table.grid(expand=True, padding=(0, 1))
        for _ in range(columns):
            table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        words = [(action.keys, action.label) for action in TERMINAL_KEYS if action.label]
        words += [(keys, label) for keys, label, _ in TERMINAL_FAMILIES if label]
        style = self.get_component_rich_style("hint--key")
        cells = [
            Text.assemble((_first(keys).rjust(KEYS_WIDTH), style), f" {label}")
            for keys, label in words
        ]
        cells += [Text()] * (-len(cells) % columns)
        rows = len(cells) // columns
        for row in range(rows):
            table.add_row(*(cells[column * rows + row] for column in range(columns)))
        return table


def _first(keys: str) -> str:
    """One key is enough here; the help has them all."""
    return keys.split("  ")[0].split(",")[0]
