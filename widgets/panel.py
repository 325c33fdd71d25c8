"""A frame with a title above and a note below."""

from __future__ import annotations

from textual.containers import Vertical


class Panel(Vertical):
    """A frame that is drawn again only when its words have changed."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="panel")
        self._words = ("", "")

    def label(self, title: str, note: str = "") -> None:
        """Set the title, and the note at the lower edge."""
        if (title, note) != self._words:
            self._words = (title, note)
            self.border_title = title
            self.border_subtitle = note
