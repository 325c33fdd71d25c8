"""The debug pane: what a program asked of its terminal, and what the terminal did not know."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from app.attachment import Attachment
from app.terminal_report import facts, report, unknown_sequences

REFRESH = 1.0


class ReportScreen(ModalScreen[None]):
    """Facts and unknown sequences of one terminal, kept up to date while it prints on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,i", "app.pop_screen", "close"),
        Binding("c,y", "copy_report", "copy"),
    ]

    def __init__(self, attachment: Attachment) -> None:
        super().__init__(id="report")
        self._attachment = attachment

    def compose(self) -> ComposeResult:
        """One table, scrolled where it is too long."""
        with VerticalScroll(id="report-text", classes="dialog") as dialog:
            dialog.border_title = "this terminal"
            dialog.border_subtitle = "c copies it all · esc closes"
            yield Static(self._table(), markup=False)

    def on_mount(self) -> None:
        """The terminal goes on."""
        self.set_interval(REFRESH, self._show)

    def _show(self) -> None:
        self.query_one(Static).update(self._table())

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, justify="right", style="bold")
        table.add_column(overflow="fold")
        for name, value in facts(self._attachment):
            table.add_row(name, Text(value))
        table.add_row("", "")
        unknown = unknown_sequences(self._attachment)
        count = self._attachment.terminal.unknown
        table.add_row("unknown", Text(f"{count} control sequences" if count else "none so far"))
        for sequence, times in unknown:
            table.add_row(f"{times}x", Text(sequence))
        if unknown:
            table.add_row("", "")
            table.add_row("", Text("If something looks wrong, please report these with it."))
        return table

    def action_copy_report(self) -> None:
        """Put it all on the clipboard."""
        self.app.copy_to_clipboard(report(self._attachment))
        self.notify("copied the report", timeout=2)
