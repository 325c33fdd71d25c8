"""The screen: all families of control functions together, and the resets."""

from __future__ import annotations

from typing import Any

from widgets.vt.drawing import Drawing
from widgets.vt.modes import Modes
from widgets.vt.osc import Commands
from widgets.vt.resizing import Resizing
from widgets.vt.switching import Switching


class Screen(Drawing, Switching, Commands, Resizing):
    """A pyte screen with the behaviour of xterm."""

    @property
    def display(self) -> list[str]:
        """The rows as strings, as pyte has it."""
        return ["".join(line.texts()) for line in self.grid]

    def reset(self) -> None:
        """RIS: everything as at power-on. The scrollback stays: ``CSI 3 J`` is what clears it."""
        self.power_on()
        self.start_commands()
        self.colors.reset()
        self.title = ""
        self.icon_name = ""

    def soft_reset(self) -> None:
        """DECSTR: modes, margins, pen and character sets; the text and the cursor's place stay."""
        fresh = Modes()
        modes = self.modes
        for name in (
            "application_cursor",
            "application_keypad",
            "origin",
            "autowrap",
            "national_sets",
            "cursor_visible",
            "reverse_wrap",
            "reverse_wrap_extended",
            "left_right_margins",
            "insert",
            "keyboard_locked",
            "modify_other_keys",
        ):
            setattr(modes, name, getattr(fresh, name))
        self.cursor.hidden = False
        self.cursor.pending_wrap = False
        self.whole_screen()
        self.pen = self.pens.default
        self.saved = None
        self.charsets = ("B", "B", "B", "B")
        self.invoke_charset(0)

    def bell(self, *_args: Any) -> None:
        """BEL: counted, for whoever rings it."""
        self.bells += 1
