"""The terminals: tabs and tiles of attached sessions, and a line that says where one is."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.screen import ModalScreen, Screen

from app.attachment import Attachment, Phase
from app.keys import Key
from app.links import can_open
from app.screens.key_hint import KeyHint
from app.screens.pane import Pane
from app.screens.terminal_input import TerminalInput
from app.screens.terminal_words import head_right, pane_words, prompt_parts, tab_labels
from app.screens.wanted import ListsWanted, TerminalClosed
from app.terminal_settings import TerminalSettings
from app.workspace import Workspace
from widgets import terminal_messages as view_news
from widgets.status_line import StatusLine
from widgets.tab_bar import TabBar
from widgets.terminal_paint import TerminalPalette
from widgets.tiles import Tiles
from widgets.vt import Terminal
from widgets.wording import printable

PaletteOf = Callable[[Terminal], TerminalPalette]


class TerminalScreen(Screen[None]):
    """Shows the workspace. It stays as it is while one looks at the lists."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    ESCAPE_TO_MINIMIZE = False

    def __init__(self, settings: TerminalSettings, palette_of: PaletteOf) -> None:
        super().__init__(id="terminal-screen")
        self.workspace = Workspace()
        self.panes: dict[int, Pane] = {}
        self._palette_of = palette_of
        self._settings = settings
        self.bar = TabBar(id="terminal-head")
        self.tiles = Tiles(id="tiles")
        self.hint = KeyHint()
        self.prompt = StatusLine(id="search-prompt")
        self.prompt.display = False
        self._input = TerminalInput(self, settings)

    def compose(self) -> ComposeResult:
        """The line above, the terminals, and room for the keys that are taught."""
        yield self.bar
        yield self.tiles
        yield self.hint
        yield self.prompt

    # -- which terminals there are

    @property
    def pane(self) -> Pane | None:
        """The terminal that has the keys."""
        active = self.workspace.active
        return None if active is None else self.panes.get(active)

    @property
    def attachment(self) -> Attachment:
        """The session of the terminal that has the keys. Raises LookupError without one."""
        if self.pane is None:
            raise LookupError("no terminal is open")
        return self.pane.attachment

    @property
    def shown(self) -> list[Pane]:
        """The terminals in view, while this screen is."""
        tab = self.workspace.tab
        numbers = tab.shown if tab else []
        return [self.panes[number] for number in numbers if number in self.panes]

    @property
    def is_seen(self) -> bool:
        """Whether this screen is in front, or only a question is in front of it."""
        stack = self.app.screen_stack
        if self not in stack:
            return False
        return all(isinstance(each, ModalScreen) for each in stack[stack.index(self) + 1 :])

    async def open(self, attachment: Attachment, where: str) -> None:
        """Show it: in a "tab" of its own, "beside" the active terminal, or "below" it."""
        palette = self._palette_of(attachment.terminal)
        pane = Pane(attachment, palette, self._settings.clipboard)
        self.panes[pane.number] = pane
        if where == "tab":
            self.workspace.open(pane.number)
        else:
            self.workspace.split(pane.number, beside=where == "beside")
        # In one step: no session shall be told of a size that it has for a moment only.
        with self.app.batch_update():
            await self.tiles.mount(pane)
            self.show_workspace()

    async def close(self, pane: Pane) -> None:
        """Take it away; the lists come back when it was the last one."""
        del self.panes[pane.number]
        self.workspace.close(pane.number)
        self.show_workspace()
        await pane.remove()
        self.post_message(TerminalClosed(pane.attachment))
        if not self.panes:
            self.post_message(ListsWanted())

    # -- what is shown

    def show_workspace(self) -> None:
        """Show what the workspace says: other tiles, other tabs, the keys somewhere else."""
        tab = self.workspace.tab
        if tab is not None:
            self.tiles.show(tab.places)
        if self.pane is not None and self.app.app_focus:
            self.set_focus(self.pane.view)
        self.tiles.hide_others()
        for pane in self.shown:
            pane.view.catch_up()
        self.show_words()

    def show_words(self) -> None:
        """Bring the lines above the terminals up to date."""
        if not (self.is_mounted and self.app.is_running):
            return
        shown = self.shown
        for pane in shown:
            if self.is_seen:
                pane.see()
            pane.show_head(*(pane_words(self.workspace, pane) if len(shown) > 1 else ((), ())))
        self.bar.set_class(len(self.workspace.receivers) > 1, "-broadcast")
        right = head_right(self.workspace, self.pane, self._input.hints, holds=self._input.holds)
        self._show_prompt()
        self.bar.show_tabs(tab_labels(self.workspace, self.panes), right)

    def _show_prompt(self) -> None:
        """The text that is searched for, while it is typed."""
        copy = self.pane.view.copy if self.pane else None
        self.prompt.display = copy is not None and copy.prompt is not None
        if copy is not None:
            self.prompt.show(prompt_parts(copy))

    def repaint(self) -> None:
        """The theme is another one."""
        for pane in self.panes.values():
            pane.view.set_palette(self._palette_of(pane.attachment.terminal))

    @on(Pane.Changed)
    async def _pane_changed(self, event: Pane.Changed) -> None:
        pane = event.pane
        if pane.number not in self.panes:
            return
        if pane.attachment.phase in (Phase.LEFT, Phase.FAILED):
            await self.close(pane)
        else:
            self.show_words()

    def on_screen_resume(self) -> None:
        """What was printed meanwhile is shown, and programs that ask are told of the focus."""
        self.show_workspace()
        if self.pane is not None:
            self.pane.view.tell_focus(True)

    def on_screen_suspend(self) -> None:
        """Another screen is in front; the terminals go on."""
        if self.pane is not None:
            self.pane.view.tell_focus(False)

    def on_resize(self) -> None:
        """The tabs have other room."""
        self.call_after_refresh(self.show_words)

    # -- what is typed, and what the mouse does

    @on(view_news.Typed)
    async def _typed(self, event: view_news.Typed) -> None:
        await self._input.press(Key(event.key, event.character))

    @on(view_news.Pasted)
    def _pasted(self, event: view_news.Pasted) -> None:
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Paste it where one types."""
        self._input.paste(text)

    @on(Pane.Sent)
    def _sent(self, event: Pane.Sent) -> None:
        """The mouse and the focus are told to one program alone."""
        self._input.flush()
        event.pane.attachment.write(event.data)

    @on(view_news.Copied)
    def _copied(self, event: view_news.Copied) -> None:
        self.copy(event.text)

    def copy(self, text: str) -> None:
        """Put it on the clipboard of the terminal around us, and say how much it was."""
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        what = f"{lines} lines" if lines > 1 else f"{len(text)} characters"
        self.notify(f"copied {what}", timeout=2)

    @on(view_news.LinkChosen)
    def _link_chosen(self, event: view_news.LinkChosen) -> None:
        if self._settings.links == "open" and can_open(event.target):
            self.run_worker(lambda: self.app.open_url(event.target), thread=True)
            self.notify(f"opening {printable(event.target)}", markup=False, timeout=3)
        else:
            self.app.copy_to_clipboard(event.target)
            self.notify(f"copied {printable(event.target)}", markup=False, timeout=3)

    @on(view_news.Looked)
    def _scrolled(self) -> None:
        self.show_words()

    @on(TabBar.Chosen)
    def _tab_chosen(self, event: TabBar.Chosen) -> None:
        self._input.flush()
        self.workspace.go_to_tab(event.index)
        self.show_workspace()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click into another terminal gives it the keys."""
        pane = event.widget.parent
        if isinstance(pane, Pane) and pane.number != self.workspace.active:
            self._input.flush()
            self.workspace.activate(pane.number)
            self.show_words()
