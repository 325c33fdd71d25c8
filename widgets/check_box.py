"""A check box whose state can be read without colours."""

from __future__ import annotations

from textual.widgets import Checkbox


class CheckBox(Checkbox):
    """Textual's, with an empty box for "no" instead of a paler cross."""

    BUTTON_LEFT = ""
    BUTTON_RIGHT = ""

    def watch_value(self) -> None:
        """Show the new state."""
        self.BUTTON_INNER = "[x]" if self.value else "[ ]"
        super().watch_value()

    def on_mount(self) -> None:
        """Show the first state."""
        self.BUTTON_INNER = "[x]" if self.value else "[ ]"
        self.refresh(layout=True)
