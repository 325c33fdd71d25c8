"""From bytes to calls on the screen.

Nearly everything a program writes is plain text and clean control functions. Those are cut apart by
one regular expression, and what each control function means is looked up in a table of calls
already made ready. Only what is left (a function cut in two by the end of a chunk, one with
controls inside, a string) goes character by character through the state machine in `parser`,
which stands in the place of pyte's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pyte

from widgets.vt import parser
from widgets.vt.dispatch import Dispatch, is_picture, is_rendition
from widgets.vt.dots import DOTS_AFTER_ESC

if TYPE_CHECKING:
    from widgets.vt.screen import Screen

SLICE: Final = 8192
"""Characters cut at once; it bounds what a stream of nothing but broken sequences can cost."""

_CLEAN: Final = (
    r"[\x00-\x1f\x7f-\x9f](?:"
    # After ESC: part of a picture, one SGR sequence or a few of them together, another control
    # sequence, an escape sequence that opens neither CSI nor a string, or a short operating system
    # command.
    rf"(?<=\x1b)(?:{DOTS_AFTER_ESC}"
    r"|\[[0-9;:]{0,60}m(?:\x1b\[[0-9;:]{0,60}m){0,3}"
    r"|\[[0-?]{0,400}[ -/]{0,8}[@-~]|[ -/]{0,4}[0-OQ-WYZ`-~\\]"
    r"|\][^\x07\x18\x1a\x1b\x9c]{0,400}(?:\x07|\x1b\\))"
    # A run of C0 controls.
    r"|(?<=[\x00-\x1a\x1c-\x1f\x7f])[\x00-\x1a\x1c-\x1f\x7f]{0,15}"
)
# All begins with one class of characters: that is what the search for the next token is fast with.
_SPLIT: Final = re.compile(rf"({_CLEAN}|(?s:.*)))")
_IS_CLEAN: Final = re.compile(rf"{_CLEAN})")
_STRING_BODY: Final = re.compile(r"[^\x07\x18\x1a\x1b\x9c]+")

MEMORY: Final = 4096
"""How many different control functions are kept ready."""

LONGEST_REMEMBERED: Final = 40


class Stream(pyte.ByteStream):
    """A pyte stream that takes bytes, never raises, and does not care how they are cut."""

    def __init__(self, screen: Screen) -> None:
        self._dispatch = Dispatch(screen)
        self._screen = screen
        self._calls: dict[str, Callable[[], None]] = {}
        super().__init__(screen)

    def feed(self, data: bytes) -> None:  # type: ignore[override]
        """Carry out what the bytes say."""
        text = self.utf8_decoder.decode(data)
        self._screen.is_writing = True
        for start in range(0, len(text), SLICE):
            rest = text[start : start + SLICE]
            while rest:
                rest = self._feed_text(rest) if self._taking_plain_text else self._feed_parser(rest)
            self._screen.bound_scrollback()
        self._screen.is_writing = False

    def _feed_text(self, data: str) -> str:
        """Carry out text and clean control functions; return what needs the state machine."""
        parts = _SPLIT.split(data)
        rest = ""
        if len(parts) > 1 and not parts[-1] and not _IS_CLEAN.fullmatch(parts[-2]):
            # Only the last piece can be one that is not clean, for it takes everything to the end.
            rest = parts[-2]
            self._taking_plain_text = False
            del parts[-2:]
        self._carry_out(parts)
        return rest

    def _carry_out(self, parts: list[str]) -> None:
        """Carry out text and control functions in turn, text first and last."""
        screen = self._screen
        draw = screen.draw
        known = self._calls.get
        for text, token in zip(parts[::2], parts[1::2], strict=False):
            if text:
                draw(text)
            pen = screen.pen.after.get(token)
            if pen is not None:
                screen.pen = pen
                screen.joinable = False
                continue
            call = known(token)
            if call is not None:
                call()
            elif is_rendition(token):
                screen.change_pen(token)
            elif is_picture(token):
                screen.draw_dots(token)
                continue
            else:
                self._prepare(token)()
            screen.joinable = False
        if parts[-1]:
            draw(parts[-1])

    def _prepare(self, token: str) -> Callable[[], None]:
        call = self._dispatch.prepare(token)
        if len(token) <= LONGEST_REMEMBERED:
            if len(self._calls) >= MEMORY:
                self._calls.clear()
            self._calls[token] = call
        return call

    def _feed_parser(self, data: str) -> str:
        """Feed the state machine until it is back at plain text; return what is left."""
        position = 0
        length = len(data)
        send = self._send_to_parser
        while position < length:
            # A string may be long: its body is handed over in pieces, as if it were one character.
            body = _STRING_BODY.match(data, position) if self._dispatch.in_string else None
            end = body.end() if body else position + 1
            self._taking_plain_text = send(data[position:end])
            position = end
            if self._taking_plain_text:
                break
        return data[position:]

    def _initialize_parser(self) -> None:
        self._parser = parser.ground(self._dispatch)
        self._taking_plain_text = next(self._parser)
