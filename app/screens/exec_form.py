"""The form for any command in a container."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static, TextArea

from app.exec_request import ExecFormValues, find_problem
from runtime.model import ContainerInfo
from widgets.check_box import CheckBox
from widgets.wording import container_label, printable


class ExecFormScreen(ModalScreen[ExecFormValues | None]):
    """Asks what to run; gives the filled form back, or None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel"),
        Binding("ctrl+s", "run", "run"),
    ]
    AUTO_FOCUS = "#command"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-tall")]  # noqa: RUF012 - Textual's way

    def __init__(self, container: ContainerInfo) -> None:
        super().__init__(id="exec-form")
        self._container = container

    def compose(self) -> ComposeResult:
        """Labels beside their fields, the problem below, the buttons last."""
        with Vertical(id="form", classes="dialog") as dialog:
            dialog.border_title = f"run a command in {printable(container_label(self._container))}"
            with VerticalScroll(can_focus=False):
                yield from self._text("command", "command", "sh -c 'ps aux'")
                yield from self._text("user", "user", "the container's own (name, uid, uid:gid)")
                yield from self._text("work-dir", "folder", "the container's own (/path)")
                with Horizontal(classes="field tall"):
                    yield Label("environment")
                    yield TextArea(
                        id="environment",
                        compact=True,
                        tab_behavior="focus",
                        placeholder="NAME=VALUE, one a line",
                    )
                with Horizontal(classes="field checks"):
                    yield Label("")
                    yield CheckBox("terminal", True, id="terminal", compact=True)
                    yield CheckBox("privileged", id="privileged", compact=True)
                    yield CheckBox("detached", id="detach", compact=True)
            yield Static("", id="problem", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("run", id="run", variant="primary", compact=True)
                yield Button("cancel", id="cancel", compact=True)
                yield Label("enter or ctrl+s runs · esc cancels", classes="note")

    def _text(self, name: str, label: str, placeholder: str) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Label(label)
            yield Input(id=name, placeholder=placeholder, compact=True)

    def values(self) -> ExecFormValues:
        """What the form says now."""
        return ExecFormValues(
            command=self.query_one("#command", Input).value,
            user=self.query_one("#user", Input).value,
            work_dir=self.query_one("#work-dir", Input).value,
            environment=self.query_one("#environment", TextArea).text,
            terminal=self.query_one("#terminal", CheckBox).value,
            privileged=self.query_one("#privileged", CheckBox).value,
            detach=self.query_one("#detach", CheckBox).value,
        )

    @on(Input.Submitted)
    @on(Button.Pressed, "#run")
    def action_run(self) -> None:
        """Give the form back, or say what is wrong with it and go to that field."""
        values = self.values()
        problem = find_problem(values)
        if problem is None:
            self.dismiss(values)
            return
        self.query_one("#problem", Static).update(f"✗ {printable(problem.message)}")
        self.query_one(f"#{problem.field}").focus()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _edited(self) -> None:
        self.query_one("#problem", Static).update("")

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Leave without running anything."""
        self.dismiss(None)
