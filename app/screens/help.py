"""The help: every key and what it does, made from the table the bindings are made of."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from app.keymap import COPY_HELP, GROUPS, TERMINAL_FAMILIES, TERMINAL_HELP, TERMINAL_KEYS, key_names


class HelpScreen(ModalScreen[None]):
    """Keys by group; any of the leaving keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "app.pop_screen", "close"),
        Binding("j", "scroll('scroll_down')", show=False),
        Binding("k", "scroll('scroll_up')", show=False),
    ]

    def __init__(self, prefix_key: str, detach_keys: str, *, in_terminal: bool) -> None:
        super().__init__(id="help")
        self._prefix_key = prefix_key
        self._detach_keys = detach_keys
        self._in_terminal = in_terminal

    def compose(self) -> ComposeResult:
        """One column of groups, scrolled where it is too long."""
        with VerticalScroll(id="help-text", classes="dialog") as dialog:
            dialog.border_title = "keys"
            dialog.border_subtitle = "esc closes"
            yield Static(self._keys(), markup=False)

    def _keys(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, justify="right", style="bold")
        table.add_column()
        parts = [self._add_list_keys, self._add_terminal_keys]
        for add in reversed(parts) if self._in_terminal else parts:
            add(table)
        return table

    def _add_list_keys(self, table: Table) -> None:
        for title, actions in GROUPS:
            table.add_row("", Text(title, style="underline"))
            for action in actions:
                table.add_row(key_names(action.keys), action.help)
            table.add_row("", "")

    def _add_terminal_keys(self, table: Table) -> None:
        table.add_row("", Text("In a terminal", style="underline"))
        prefix = self._prefix_key or "(no prefix key)"
        detach = self._detach_keys or "(no detach keys)"
        for keys, text in TERMINAL_HELP:
            table.add_row(keys.format(prefix=prefix, detach=detach), text)
        table.add_row("", "")
        table.add_row("", Text(f"In a terminal, after {prefix}", style="underline"))
        for action in TERMINAL_KEYS:
            if action.help:
                table.add_row(key_names(action.keys), action.help)
        for keys, _, text in TERMINAL_FAMILIES:
            table.add_row(keys, text)
        table.add_row("", "")
        table.add_row("", Text("In copy mode", style="underline"))
        for keys, text in COPY_HELP:
            table.add_row(keys, text)
        table.add_row("", "")

    async def action_scroll(self, how: str) -> None:
        """Scroll the text."""
        await self.query_one("#help-text").run_action(how)
