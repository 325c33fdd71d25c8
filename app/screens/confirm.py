"""A question before something that cannot be taken back."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Label, Static

from widgets.wording import printable


class ConfirmScreen(ModalScreen[bool]):
    """Asks; True when the person agreed. The keys start on "cancel"."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", "yes"),
        Binding("n,escape", "refuse", "no"),
        Binding("left,right,h,l", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "#refuse"

    def __init__(self, title: str, question: str, agree: str, *, danger: bool = False) -> None:
        super().__init__(id="confirm")
        self._title = title
        self._question = question
        self._agree = agree
        self._danger = danger

    def compose(self) -> ComposeResult:
        """The question and the two answers."""
        classes = "dialog danger" if self._danger else "dialog"
        with Vertical(id="question", classes=classes) as dialog:
            dialog.border_title = self._title
            lines = self._question.split("\n")
            yield Static("\n".join(printable(line) for line in lines), markup=False)
            with Horizontal(classes="buttons"):
                yield Button(
                    self._agree,
                    id="agree",
                    variant="error" if self._danger else "primary",
                    compact=True,
                )
                yield Button("cancel", id="refuse", compact=True)
                yield Label("y yes · n or esc no", classes="note")

    @on(Button.Pressed, "#agree")
    def action_agree(self) -> None:
        """Yes."""
        self.dismiss(True)

    @on(Button.Pressed, "#refuse")
    def action_refuse(self) -> None:
        """No."""
        self.dismiss(False)
