"""Detach keys: the sequence that leaves a session without ending it.

Syntax as in docker-attach(1) and moby/term's ascii.go: a comma list of single characters or
`ctrl-` with a letter or one of `@ [ \\ ] ^ _`, or `DEL`. The empty text turns detaching off.
"""

from __future__ import annotations

from runtime.errors import InvalidArgumentError

DEFAULT_DETACH_KEYS = "ctrl-p,ctrl-q"

_CONTROL_SYMBOLS = "@[\\]^_"


def parse_detach_keys(text: str) -> bytes:
    """The bytes that the keys of `text` send. Raises InvalidArgumentError for unknown keys."""
    if not text:
        return b""
    return b"".join(_parse_key(key, text) for key in text.split(","))


def _parse_key(key: str, text: str) -> bytes:
    if len(key) == 1 and key.isascii():
        return key.encode()
    if key == "DEL":
        return b"\x7f"
    name = key.lower().removeprefix("ctrl-")
    if key.lower().startswith("ctrl-") and len(name) == 1:
        if name.isascii() and name.isalpha():
            return bytes([ord(name) - ord("a") + 1])
        if name in _CONTROL_SYMBOLS:
            return bytes([ord(name) & 0x1F])
    raise InvalidArgumentError(
        f"unknown key {key!r} in detach keys {text!r}",
        hint='use e.g. "ctrl-p,ctrl-q", "ctrl-@,x", or "" for none',
    )


class DetachScanner:
    """Looks for the detach keys in what a user types, whatever pieces it comes in.

    Bytes that may be the beginning of the keys are held back in `pending` until the next byte
    tells, or until `flush`, to be called after a short pause, lets them go. So a lone ctrl-p
    reaches the program, only a moment later.
    """

    def __init__(self, keys: bytes) -> None:
        self._keys = keys
        self.pending = b""
        self.detached = False

    def feed(self, data: bytes) -> bytes:
        """What of `data`, and of what was held back, may be sent on now.

        Sets `detached` when the keys were completed; what follows them is dropped.
        """
        if self.detached or not self._keys:
            return b"" if self.detached else data
        held = self.pending + data
        found = held.find(self._keys)
        if found >= 0:
            self.detached, self.pending = True, b""
            return held[:found]
        keep = self._beginning_at_end(held)
        self.pending = held[len(held) - keep :]
        return held[: len(held) - keep]

    def _beginning_at_end(self, held: bytes) -> int:
        for size in range(min(len(self._keys) - 1, len(held)), 0, -1):
            if held.endswith(self._keys[:size]):
                return size
        return 0

    def flush(self) -> bytes:
        """Let go of what is held back: it was not the detach keys."""
        held, self.pending = self.pending, b""
        return held
