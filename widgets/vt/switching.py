"""Setting and resetting modes, with what some of them do beside."""

from __future__ import annotations

from typing import Final

from widgets.vt.edit import Editing
from widgets.vt.modes import (
    ANSI_FLAGS,
    ENCODING,
    PRIVATE_FLAGS,
    SCREENS,
    TRACKING,
    ansi_state,
    private_state,
)

_MAX_KEY_OPTION: Final = 3


class Switching(Editing):
    """SM, RM, DECSET, DECRST and their kin, the alternate screen among them."""

    def set_ansi_modes(self, numbers: tuple[int, ...]) -> None:
        """SM."""
        self._switch_ansi(numbers, True)

    def reset_ansi_modes(self, numbers: tuple[int, ...]) -> None:
        """RM."""
        self._switch_ansi(numbers, False)

    def _switch_ansi(self, numbers: tuple[int, ...], value: bool) -> None:
        for number in numbers:
            if number in ANSI_FLAGS:
                setattr(self.modes, ANSI_FLAGS[number], value)
            else:
                self.unknown_sequence(f"CSI {number} {'h' if value else 'l'}")

    def set_private_modes(self, numbers: tuple[int, ...]) -> None:
        """DECSET."""
        for number in numbers:
            self.switch_private(number, True)

    def reset_private_modes(self, numbers: tuple[int, ...]) -> None:
        """DECRST."""
        for number in numbers:
            self.switch_private(number, False)

    def store_private_modes(self, numbers: tuple[int, ...]) -> None:
        """XTSAVE."""
        for number in numbers:
            state = private_state(self.modes, number)
            if state in {1, 2}:
                self.stored_modes[number] = state == 1

    def recall_private_modes(self, numbers: tuple[int, ...]) -> None:
        """XTRESTORE."""
        for number in numbers:
            if number in self.stored_modes:
                self.switch_private(number, self.stored_modes[number])

    def switch_private(self, number: int, value: bool) -> None:
        """Set or reset one private mode."""
        modes = self.modes
        if number in SCREENS or number == 1048:
            self._switch_screen(number, value)
        elif number in TRACKING:
            modes.mouse_tracking = TRACKING[number] if value else "none"
        elif number in ENCODING:
            modes.mouse_encoding = ENCODING[number] if value else "default"
        elif number == 3:
            self._switch_columns()
        elif number in PRIVATE_FLAGS:
            setattr(modes, PRIVATE_FLAGS[number], value)
            self._after_switch(number, value)
        elif not private_state(modes, number):
            self.unknown_sequence(f"CSI ? {number} {'h' if value else 'l'}")

    def _after_switch(self, number: int, value: bool) -> None:
        if number == 5:
            for line in self.grid:
                line.stamp = 0
        elif number == 6:
            self.cursor_position()
        elif number == 7 and not value:
            self.cursor.pending_wrap = False
        elif number == 12:
            self.cursor.blink = value
        elif number == 25:
            self.cursor.hidden = not value
        elif number == 69 and not value:
            self.left, self.right = 0, self.columns - 1
            self.cursor.pending_wrap = False
            self.margins_changed()

    def _switch_columns(self) -> None:
        """DECCOLM, only where mode 40 allows it. The size belongs to the window and stays; the rest
        of what the mode does (clear, margins, home) is done."""
        if not self.modes.allow_column_switch:
            return
        self.whole_screen()
        self.modes.left_right_margins = False
        if not self.modes.keep_on_column_switch:
            self.erase_in_display(2)
        self.place(0, 0)

    def _switch_screen(self, number: int, value: bool) -> None:
        """Private modes 47, 1047, 1048 and 1049 (xterm, "alternate screen buffer")."""
        if number == 1048:
            (self.save_cursor if value else self.restore_cursor)()
            return
        if value:
            if number == 1049 and not self.modes.alternate_screen:
                self.save_cursor()
            self._show_alternate(clear=number == 1049)
            return
        if self.modes.alternate_screen:
            self._show_main(clear=number == 1047)
        if number == 1049:
            self.restore_cursor()

    def _show_alternate(self, clear: bool) -> None:
        if not self.modes.alternate_screen:
            self._swap()
            self.modes.alternate_screen = True
        if clear:
            self.grid[:] = [self.blank_line() for _ in range(self.lines)]

    def _show_main(self, clear: bool) -> None:
        if clear:
            self.grid[:] = [self.blank_line() for _ in range(self.lines)]
        self._swap()
        self.modes.alternate_screen = False

    def _swap(self) -> None:
        self.grid, self.other_grid = self.other_grid, self.grid
        self.saved, self.other_saved = self.other_saved, self.saved

    def keypad_application(self) -> None:
        """DECKPAM."""
        self.modes.application_keypad = True

    def keypad_numeric(self) -> None:
        """DECKPNM."""
        self.modes.application_keypad = False

    def set_cursor_shape(self, number: int) -> None:
        """DECSCUSR."""
        if self.cursor.set_style(number):
            self.modes.cursor_blink = self.cursor.blink

    def set_key_option(self, given: tuple[int, ...]) -> None:
        """XTMODKEYS: of the key options only modifyOtherKeys (4) is known."""
        if not given or given[0] == 4:
            level = given[1] if len(given) > 1 else 0
            self.modes.modify_other_keys = min(level, _MAX_KEY_OPTION)

    def reset_key_option(self, number: int) -> None:
        """``CSI > Pn n``: switch a key option off."""
        if number == 4:
            self.modes.modify_other_keys = 0

    def report_key_option(self, number: int) -> None:
        """XTQMODKEYS."""
        if number == 4:
            self.reply(f"\x1b[>4;{self.modes.modify_other_keys}m")

    def report_private_mode(self, number: int) -> None:
        """DECRQM for private modes."""
        self.reply(f"\x1b[?{number};{private_state(self.modes, number)}$y")

    def report_ansi_mode(self, number: int) -> None:
        """DECRQM for ANSI modes."""
        self.reply(f"\x1b[{number};{ansi_state(self.modes, number)}$y")
