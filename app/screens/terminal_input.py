"""What is typed at the terminals: to the programs, or a command, or the wish to leave."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.timer import Timer

from app.keyboard import Keyboard
from app.keymap import detach_key_names
from app.keys import Key
from app.questions import paste_question
from app.screens.pane import Pane
from app.screens.terminal_commands import TerminalCommands
from app.screens.terminal_words import Hints
from app.terminal_settings import TerminalSettings
from runtime.protocol.detach_keys import parse_detach_keys

if TYPE_CHECKING:
    from app.screens.terminal import TerminalScreen

HOLD_BACK = 0.5


_LINE_END = re.compile(r"[\r\n]")


class TerminalInput:
    """Leads keys and pastes to the terminals that are to receive them."""

    def __init__(self, screen: TerminalScreen, settings: TerminalSettings) -> None:
        self._screen = screen
        self._keyboard = Keyboard(
            parse_detach_keys(settings.prefix_key), parse_detach_keys(settings.detach_keys)
        )
        self.hints = Hints(settings.prefix_key, detach_key_names(settings.detach_keys))
        self._commands = TerminalCommands(screen)
        self._hold_back: Timer | None = None

    @property
    def holds(self) -> bool:
        """Whether a key is held back."""
        return self._keyboard.holds

    async def press(self, key: Key) -> None:
        """One key, typed into the active terminal."""
        screen, pane = self._screen, self._screen.pane
        if pane is None:
            return
        pressed = self._keyboard.press(key)
        screen.hint.show(self._keyboard.commanding)
        if pane.view.copy is not None:
            for each in pressed.keys:
                pane.view.copy_key(each.name, each.character)
        elif pressed.keys and pane.attachment.is_over:
            if pane.may_close:
                await screen.close(pane)
            return
        else:
            self._send(pressed.keys)
        if pressed.command is not None:
            self._commands.run(pressed.command)
        if pressed.detached:
            pane.attachment.leave()
        self._restart_hold_back()

    def paste(self, text: str) -> None:
        """A paste into the active terminal, or into the search; several lines may need a yes."""
        self.flush()
        pane, receivers = self._screen.pane, self._receivers()
        if pane is not None and pane.view.copy is not None:
            if pane.view.copy.prompt is not None:
                pane.view.copy.type_pattern(text)
                pane.view.redraw()
            return
        typed = [each for each in receivers if not each.attachment.brackets_pastes]
        if not (typed and _LINE_END.search(text)):
            _paste(text, receivers)
            return

        def answered(agreed: bool | None) -> None:
            if agreed:
                _paste(text, receivers)

        self._screen.app.push_screen(paste_question(text, len(typed)), answered)

    def flush(self) -> None:
        """A key that was held back goes to its program after all."""
        self._send(self._keyboard.flush())

    def _send(self, keys: tuple[Key, ...]) -> None:
        for key in keys:
            for pane in self._receivers():
                pane.view.come_back()
                pane.attachment.press(key)

    def _receivers(self) -> list[Pane]:
        return [self._screen.panes[number] for number in self._screen.workspace.receivers]

    def _restart_hold_back(self) -> None:
        """A key that may begin the detach keys waits a moment, and that is shown."""
        if self._hold_back is not None:
            self._hold_back.stop()
            self._hold_back = None
        if self.holds:
            self._hold_back = self._screen.set_timer(HOLD_BACK, self._hold_back_over)
        self._screen.show_words()

    def _hold_back_over(self) -> None:
        self._hold_back = None
        self.flush()
        self._screen.show_words()


def _paste(text: str, panes: list[Pane]) -> None:
    for pane in panes:
        pane.view.come_back()
        pane.attachment.paste(text)
