"""From a control function to the call it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from widgets.vt.tables import CONTROLS, ESCAPES, SEQUENCES, Takes

if TYPE_CHECKING:
    from widgets.vt.screen import Screen

Call = Callable[[], None]

MAX_PARAMETERS: Final = 64
MAX_NUMBER: Final = 65535

_SEQUENCE: Final = re.compile(r"([<=>?]?)([0-9;:]*)([ -/]*)([@-~])")


def numbers(text: str) -> tuple[int, ...]:
    """The parameters of a control sequence; a missing one is 0, a huge one is cut off."""
    if not text:
        return ()
    return tuple(
        min(int(part), MAX_NUMBER) if part else 0 for part in text.split(";")[:MAX_PARAMETERS]
    )


def is_rendition(token: str) -> bool:
    """Whether it is an SGR, neither private nor with an intermediate character."""
    return token[-1] == "m" and token[1] == "[" and token[2] not in "<=>?" and token[-2] > "/"


def is_picture(token: str) -> bool:
    """Whether it is part of a picture (see `dots`): SGR sequences with text between them."""
    return token.find("\x1b", 1) > 0 and token[1] == "["


def arguments(takes: Takes, given: tuple[int, ...]) -> tuple[object, ...]:
    """The parameters in the form the method wants; surplus ones are dropped (ECMA-48, 5.4.2)."""
    first = given[0] if given else 0
    if takes is Takes.NOTHING:
        return ()
    if takes is Takes.COUNT:
        return (first or 1,)
    if takes is Takes.FIRST:
        return (first,)
    if takes is Takes.PLACE:
        return (first or None, (given[1] if len(given) > 1 else 0) or None)
    return (given,)


class Dispatch:
    """Finds the method of the screen for a control function; also what the parser reports to."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.in_string = False
        self._controls: dict[str, Call] = {
            char: getattr(screen, name) for char, name in CONTROLS.items()
        }
        self._escapes: dict[str, Call] = {
            body: getattr(screen, name) for body, name in ESCAPES.items()
        }
        self._sequences: dict[str, tuple[Callable[..., None], Takes]] = {
            name: (getattr(screen, method), takes) for name, (method, takes) in SEQUENCES.items()
        }

    def prepare(self, token: str) -> Call:
        """The call a clean control function means."""
        if token[0] != "\x1b":
            return self._prepare_controls(token)
        if token[1] == "]":
            end = -1 if token[-1] == "\x07" else -2
            return partial(self._screen.operating_system_command, token[2:end])
        if token[1] != "[":
            return self._prepare_escape(token[1:])
        return self._prepare_sequence(token[2:])

    def _prepare_controls(self, token: str) -> Call:
        if token == "\r\n":
            return self._screen.return_and_linefeed
        if len(token) == 1:
            return self._controls.get(token, self._screen.nothing)
        calls = [self._controls[char] for char in token if char in self._controls]
        return partial(_call_all, calls)

    def _prepare_escape(self, body: str) -> Call:
        call = self._escapes.get(body)
        if call is not None:
            return call
        if body[0] in "()*+-./" and 2 <= len(body) <= 3:
            return partial(self._screen.define_charset, body[1:], body[0])
        return partial(self._screen.unknown_sequence, f"ESC {body}")

    def _prepare_sequence(self, body: str) -> Call:
        unknown = partial(self._screen.unknown_sequence, f"CSI {body}")
        parts = _SEQUENCE.fullmatch(body)
        if parts is None:
            return unknown
        prefix, parameters, intermediates, final = parts.groups()
        found = self._sequences.get(prefix + intermediates + final)
        if found is None or ":" in parameters:
            return unknown
        method, takes = found
        return partial(method, *arguments(takes, numbers(parameters)))

    # What the state machine reports to.

    def draw(self, data: str) -> None:
        """Plain text."""
        self._screen.draw(data)

    def control(self, char: str) -> None:
        """A C0 control."""
        self._controls.get(char, self._screen.nothing)()
        self._screen.joinable = False

    def escape(self, body: str) -> None:
        """An escape sequence, without the ESC."""
        self._prepare_escape(body)()
        self._screen.joinable = False

    def sequence(self, body: str) -> None:
        """A control sequence, without the CSI."""
        token = "\x1b[" + body
        if is_rendition(token):
            self._screen.change_pen(token)
        else:
            self._prepare_sequence(body)()
        self._screen.joinable = False

    def string(self, kind: str, body: str) -> None:
        """A complete control string: OSC and DCS are looked at, SOS, PM and APC swallowed."""
        self._screen.joinable = False
        if kind == "osc":
            self._screen.operating_system_command(body)
        elif kind == "dcs":
            self._screen.device_control_string(body)

    def unknown_sequence(self, what: str) -> None:
        """Something that is swallowed."""
        self._screen.unknown_sequence(what)


def _call_all(calls: list[Call]) -> None:
    for call in calls:
        call()
