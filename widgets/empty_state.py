"""What stands in place of an empty list: what was looked at, and what to do."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static


class EmptyState(Static):
    """A headline, and lines that teach."""

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self._shown: tuple[str, ...] = ()

    def show(self, headline: str, *lines: str) -> None:
        """Show these words."""
        if self._shown == (headline, *lines):
            return
        self._shown = (headline, *lines)
        text = Text(headline + "\n", style="bold", justify="center")
        for line in lines:
            text.append("\n" + line, style="not bold")
        self.update(text)
