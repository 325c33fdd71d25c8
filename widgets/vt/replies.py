"""Answers to a program's questions.

No answer repeats text that the program has chosen: answers arrive as if typed, and a program that
could choose them could type into the shell that follows it. Numbers are the only thing echoed.
"""

from __future__ import annotations

import re
from typing import Final

from widgets.vt.rendition import Rendition
from widgets.vt.sgr import parameters

NAME: Final = "exectop(1)"

CAPABILITIES: Final[dict[str, str]] = {
    "TN": "xterm-256color",
    "name": "xterm-256color",
    "Co": "256",
    "colors": "256",
    "RGB": "8/8/8",
}
"""What XTGETTCAP tells."""


def _hex(text: str) -> str:
    return text.encode("ascii").hex().upper()


_CAPABILITY_ANSWERS: Final = {
    _hex(name): f"{_hex(name)}={_hex(value)}" for name, value in CAPABILITIES.items()
}

_PRIVATE_STATUS: Final[dict[int, str]] = {
    15: "\x1b[?13n",  # no printer
    25: "\x1b[?20n",  # user-defined keys are unlocked
    26: "\x1b[?27;1;0;0n",  # a North American keyboard
    53: "\x1b[?50n",  # no locator
    55: "\x1b[?50n",
    56: "\x1b[?57;0n",
    75: "\x1b[?70n",  # no errors
}


class Replies(Rendition):
    """Device attributes, status reports, and queries by control string."""

    def report_primary_attributes(self, number: int = 0) -> None:
        """DA1, DECID: a VT420 with selective erase and colours."""
        if number == 0:
            self.reply("\x1b[?64;6;22c")

    def report_secondary_attributes(self, number: int) -> None:
        """DA2: VT420, and the version of xterm whose functions are understood."""
        if number == 0:
            self.reply("\x1b[>41;380;0c")

    def report_tertiary_attributes(self, number: int) -> None:
        """DA3: there is no serial number."""
        if number == 0:
            self.reply("\x1bP!|00000000\x1b\\")

    def report_version(self, number: int) -> None:
        """XTVERSION."""
        if number == 0:
            self.reply(f"\x1bP>|{NAME}\x1b\\")

    def report_parameters(self, number: int) -> None:
        """DECREQTPARM."""
        if number in {0, 1}:
            self.reply(f"\x1b[{number + 2};1;1;128;128;1;0x")

    def _position(self) -> tuple[int, int]:
        origin = self.modes.origin
        row = self.cursor.y - (self.top if origin else 0) + 1
        column = self.cursor.x - (self.left if origin else 0) + 1
        return row, column

    def report_status(self, number: int) -> None:
        """DSR: all is well (5), or where the cursor is (6, CPR)."""
        if number == 5:
            self.reply("\x1b[0n")
        elif number == 6:
            row, column = self._position()
            self.reply(f"\x1b[{row};{column}R")

    def report_private_status(self, number: int) -> None:
        """DSR in DEC's form, and the colour scheme (996)."""
        if number == 6:
            row, column = self._position()
            self.reply(f"\x1b[?{row};{column};1R")
        elif number == 996:
            self.reply(f"\x1b[?997;{1 if self.colors.is_dark else 2}n")
        elif number in _PRIVATE_STATUS:
            self.reply(_PRIVATE_STATUS[number])

    def device_control_string(self, body: str) -> None:
        """DCS: DECRQSS and XTGETTCAP are answered, everything else is swallowed."""
        if body.startswith("$q"):
            self._report_setting(body[2:])
        elif body.startswith("+q"):
            self._report_capabilities(body[2:])
        else:
            final = re.match(r"[0-?]*[ -/]*[@-~]?", body)
            self.unknown_sequence(f"DCS {final[0] if final else ''}")

    def _report_setting(self, name: str) -> None:
        """DECRQSS."""
        protected = 1 if self.pen.style.protected else 0
        settings = {
            "m": f"{parameters(self.pen)}m",
            "r": f"{self.top + 1};{self.bottom + 1}r",
            "s": f"{self.left + 1};{self.right + 1}s",
            "t": f"{self.lines}t",
            "*|": f"{self.lines}*|",
            "$|": f"{self.columns}$|",
            " q": f"{self.cursor.style_number} q",
            '"q': f'{protected}"q',
            '"p': '64;1"p',
        }
        if name in settings:
            self.reply(f"\x1bP1$r{settings[name]}\x1b\\")
        else:
            self.reply("\x1bP0$r\x1b\\")

    def _report_capabilities(self, names: str) -> None:
        """XTGETTCAP: names in hexadecimal; an unknown one is not repeated in the answer."""
        for name in names.upper().split(";")[:32]:
            answer = _CAPABILITY_ANSWERS.get(name)
            if answer is None:
                self.reply("\x1bP0+r\x1b\\")
                return
            self.reply(f"\x1bP1+r{answer}\x1b\\")
