"""Which modes a session has switched on in the user's own terminal, to switch them off again.

A session that is left, or that dies, in the middle of a full-screen program would leave the
terminal on the alternate screen, without a cursor, or reporting the mouse.
"""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    rb"\x1b\[\?(?P<modes>[0-9;]+)(?P<set>[hl])"
    rb"|\x1b\[(?P<margins>[0-9]*(?:;[0-9]*)?)r"
    rb"|\x1b(?P<keypad>[=>])"
    rb"|\x1b\[>4;(?P<other_keys>[0-9])m"
    rb"|\x1b(?P<reset>c)|\x1b\[!(?P<soft_reset>p)"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[?>!]?[0-9;]*)?\Z")
_LONGEST = 64

# Private modes whose ordinary state is off (xterm's ctlseqs): cursor keys, mouse reports,
# focus reports, alternate screens, bracketed paste, synchronised output, resize reports.
_OFF = (1, 5, 9, 47, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049)
_OFF_LATE = (2004, 2026, 2048)
# Those whose ordinary state is on: wrapping, and the cursor's being seen.
_ON = (7, 25)


class ScreenModes:
    """Follows the output of a session, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._clear()

    def _clear(self) -> None:
        self._changed: set[int] = set()
        self._margins = self._keypad = self._other_keys = False

    def feed(self, data: bytes) -> None:
        """Take note of what `data` switches."""
        text = self._rest + data
        for found in _SEQUENCE.finditer(text):
            self._take(found)
        unfinished = _UNFINISHED.search(text[-_LONGEST:])
        self._rest = unfinished.group() if unfinished else b""

    def _take(self, found: re.Match[bytes]) -> None:
        if found["modes"] is not None:
            for number in filter(None, found["modes"].split(b";")):
                self._switch(int(number), found["set"] == b"h")
        elif found["margins"] is not None:
            self._margins = found["margins"] not in (b"", b";")
        elif found["keypad"] is not None:
            self._keypad = found["keypad"] == b"="
        elif found["other_keys"] is not None:
            self._other_keys = found["other_keys"] != b"0"
        else:
            self._clear()

    def _switch(self, mode: int, on: bool) -> None:
        usual = mode in _ON
        if on == usual:
            self._changed.discard(mode)
        else:
            self._changed.add(mode)

    def undo(self) -> bytes:
        """What brings the terminal back to its ordinary modes; empty where it is in them."""
        parts = [b"\x1b[?%dl" % mode for mode in (*_OFF, *_OFF_LATE) if mode in self._changed]
        parts += [b"\x1b[?%dh" % mode for mode in _ON if mode in self._changed]
        if self._margins:
            parts.append(b"\x1b7\x1b[r\x1b8")
        if self._keypad:
            parts.append(b"\x1b>")
        if self._other_keys:
            parts.append(b"\x1b[>4m")
        return b"".join(parts)
