"""What the keys after the prefix key do to the terminals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.keymap import TERMINAL_KEYS
from app.keys import Key
from app.screens.report import ReportScreen
from app.screens.wanted import ListsWanted, ShellBesideWanted
from widgets.tiling import Direction

if TYPE_CHECKING:
    from app.screens.terminal import TerminalScreen

_DIRECTIONS: dict[str, Direction] = {
    "left": "left",
    "right": "right",
    "up": "up",
    "down": "down",
}
RESIZE_CELLS = 4


class TerminalCommands:
    """Carries out the commands of `app.keymap.TERMINAL_KEYS` on a screen."""

    def __init__(self, screen: TerminalScreen) -> None:
        self._screen = screen
        self._actions = {
            key: action.action for action in TERMINAL_KEYS for key in action.keys.split(",")
        }

    def run(self, key: Key) -> None:
        """Do what that key stands for; say so where it stands for nothing."""
        name = self._actions.get(key.text)
        if name is None:
            self._screen.notify(f"{key.text} is no command here; ? shows them all", timeout=4)
            return
        command, _, argument = name.partition(":")
        method: Callable[..., None] = getattr(self, command)
        method(*([argument] if argument else []))
        self._screen.show_workspace()

    # -- terminals

    def shell(self, where: str) -> None:
        """One more shell in the container of the active terminal."""
        if self._screen.pane is not None:
            key = self._screen.pane.attachment.container_key
            self._screen.post_message(ShellBesideWanted(key, where))

    def detach(self) -> None:
        """Leave the active terminal; its session goes on."""
        pane = self._screen.pane
        if pane is not None:
            pane.attachment.leave()

    def allow_copy(self) -> None:
        """The program of the active terminal may set the clipboard, as it asked to."""
        pane = self._screen.pane
        text = None if pane is None else pane.clipboard.allow()
        if text is None:
            self._screen.notify("this program has not asked to set the clipboard", timeout=3)
        else:
            self._screen.copy(text)

    def lists(self) -> None:
        """The lists of containers and sessions; the terminals go on."""
        self._screen.post_message(ListsWanted())

    def report(self) -> None:
        """What there is to know of the active terminal when something looks wrong."""
        if self._screen.pane is not None:
            self._screen.app.push_screen(ReportScreen(self._screen.pane.attachment))

    def help(self) -> None:
        """All keys."""
        self._screen.app.call_later(self._screen.app.run_action, "show_help")

    def copy_mode(self) -> None:
        """Look back, select and copy, by keys."""
        if self._screen.pane is not None:
            self._screen.pane.view.begin_copy()

    def search(self) -> None:
        """Search all that the active terminal printed."""
        if self._screen.pane is not None:
            self._screen.pane.view.begin_copy().ask(up=True)

    def paste(self) -> None:
        """Paste what was copied here last."""
        self._screen.paste(self._screen.app.clipboard)

    # -- moving and arranging

    def tab(self, which: str) -> None:
        """Another tab: by number, or the next, or the one before."""
        workspace = self._screen.workspace
        if which in ("next", "previous"):
            workspace.step_tab(1 if which == "next" else -1)
        elif not workspace.go_to_tab(int(which) - 1):
            self._screen.notify(f"there is no tab {which}", timeout=2)

    def other(self) -> None:
        """The next terminal of the tab."""
        self._screen.workspace.step_terminal()

    def go(self, direction: str) -> None:
        """The terminal that lies that way."""
        self._screen.workspace.go(_DIRECTIONS[direction])

    def grow(self, direction: str) -> None:
        """Move the divider that way."""
        workspace, size = self._screen.workspace, self._screen.size
        if workspace.tab is not None:
            area = (size.width, size.height)
            workspace.tab.tiling.resize(
                workspace.tab.active, _DIRECTIONS[direction], RESIZE_CELLS, area
            )

    def zoom(self) -> None:
        """The active terminal alone, or all of the tab again."""
        tab = self._screen.workspace.tab
        if tab is not None:
            tab.zoomed = not tab.zoomed and len(tab.numbers) > 1

    def even_out(self) -> None:
        """Equal sizes."""
        tab = self._screen.workspace.tab
        if tab is not None:
            tab.tiling.even_out()

    def turn(self) -> None:
        """Beside each other becomes below each other, and back."""
        tab = self._screen.workspace.tab
        if tab is not None:
            tab.tiling.turn()

    def break_out(self) -> None:
        """The active terminal gets a tab of its own."""
        self._screen.workspace.break_out()

    def join_next(self) -> None:
        """The terminals of the next tab come here."""
        if not self._screen.workspace.join_next():
            self._screen.notify("there is no other tab to join", timeout=2)

    # -- broadcast

    def mark(self) -> None:
        """Mark the active terminal, or not."""
        self._screen.workspace.toggle_mark()

    def mark_all(self) -> None:
        """Mark all of the tab, or none."""
        self._screen.workspace.toggle_all_marks()

    def broadcast(self) -> None:
        """Begin or end to type into all marked terminals at once."""
        if not self._screen.workspace.toggle_broadcast():
            self._screen.notify(
                "mark two terminals or more first: m marks one, M all of the tab", timeout=4
            )
