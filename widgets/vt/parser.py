"""The state machine for control functions that do not come in one clean piece.

It is the parser of the VT500 series (Paul Williams, vt100.net/emu/dec_ansi_parser): controls
inside a sequence are carried out, CAN and SUB abort it, ESC begins a new one, and strings are
collected or swallowed. The states are generators in pyte's manner: they are sent one character
at a time and yield True where plain text may follow.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, Protocol

MAX_SEQUENCE: Final = 512
"""The longest CSI sequence obeyed; a longer one is swallowed whole."""

MAX_STRING: Final = 1 << 20
"""The longest control string kept (a clipboard may be large); a longer one is swallowed whole."""

State = Generator[bool | None, str, str | None]

STRING_KINDS: Final = {"]": "osc", "P": "dcs", "X": "sos", "^": "pm", "_": "apc"}
C1_AS_ESCAPE: Final = {chr(0x80 + number): chr(0x40 + number) for number in range(0x20)}
ABORTS: Final = "\x18\x1a"


class Receiver(Protocol):
    """Who is told of what the parser has found."""

    in_string: bool
    """Set while a control string is being collected: its text may then come in long pieces."""

    def draw(self, data: str) -> None:
        """Plain text."""

    def control(self, char: str) -> None:
        """A C0 control."""

    def escape(self, body: str) -> None:
        """An escape sequence, without the ESC."""

    def sequence(self, body: str) -> None:
        """A control sequence, without the CSI."""

    def string(self, kind: str, body: str) -> None:
        """A complete control string."""

    def unknown_sequence(self, what: str) -> None:
        """Something that is swallowed."""


def ground(to: Receiver) -> Generator[bool | None, str, None]:
    """Wait for a character, and for the rest of what it begins."""
    pending: str | None = None
    while True:
        char = pending or (yield True)
        pending = None
        if char == "\x1b":
            pending = yield from _escape(to)
        elif char in C1_AS_ESCAPE:
            pending = yield from _begin(to, C1_AS_ESCAPE[char])
        elif char < " " or char == "\x7f":
            to.control(char)
        else:
            to.draw(char)


def _escape(to: Receiver) -> State:
    body = ""
    while True:
        char = yield None
        if char == "\x1b":
            body = ""
        elif char in ABORTS:
            return None
        elif char < " ":
            to.control(char)
        elif char == "\x7f":
            continue
        elif char < "0":
            body = (body + char)[:8]
        elif char <= "~" and not body:
            return (yield from _begin(to, char))
        elif char <= "~":
            to.escape(body + char)
            return None
        else:
            to.unknown_sequence(f"ESC {body} cut off")
            return char


def _begin(to: Receiver, char: str) -> State:
    if char == "[":
        return (yield from _control_sequence(to))
    if char in STRING_KINDS:
        return (yield from _control_string(to, STRING_KINDS[char]))
    to.escape(char)
    return None


def _control_sequence(to: Receiver) -> State:
    body: list[str] = []
    while True:
        char = yield None
        if char == "\x1b" or char in C1_AS_ESCAPE:
            return char
        if char in ABORTS:
            return None
        if char < " ":
            to.control(char)
        elif "@" <= char <= "~":
            _finish_sequence(to, body, char)
            return None
        elif char > "\x7f":
            to.unknown_sequence(f"CSI {''.join(body)} cut off")
            return char
        elif char != "\x7f" and len(body) < MAX_SEQUENCE:
            body.append(char)


def _finish_sequence(to: Receiver, body: list[str], final: str) -> None:
    if len(body) < MAX_SEQUENCE:
        to.sequence("".join(body) + final)
    else:
        to.unknown_sequence("CSI too long")


def _control_string(to: Receiver, kind: str) -> State:
    parts: list[str] = []
    size = 0
    to.in_string = True
    while True:
        text = yield None
        end = _string_end(kind, text)
        if end is None:
            size += len(text)
            if size <= MAX_STRING and kind in {"osc", "dcs"}:
                parts.append(text)
            continue
        to.in_string = False
        if end and size <= MAX_STRING:
            to.string(kind, "".join(parts))
        elif size > MAX_STRING:
            to.unknown_sequence(f"{kind.upper()} too long")
        # An ESC ends the string whatever follows; the backslash of ST is then an escape of its own,
        # one that does nothing.
        return "\x1b" if text == "\x1b" else None


def _string_end(kind: str, char: str) -> bool | None:
    """True at a proper end, False at an abort, None inside the string."""
    if char in {"\x1b", "\x9c"} or (char == "\x07" and kind == "osc"):
        return True
    return False if char in {"\x18", "\x1a"} else None
