"""What a key typed at a terminal means: it is the program's, or the prefix key's, or detaches.

All keys belong to the program but two: the prefix key, after which one key is a command to us (the
prefix key twice is the program's), and the detach keys.
"""

from __future__ import annotations

import dataclasses

from app.detaching import DetachKeys
from app.keys import Key


@dataclasses.dataclass(frozen=True, slots=True)
class Pressed:
    """What a key led to: keys for the program, a command to us, the wish to detach."""

    keys: tuple[Key, ...] = ()
    command: Key | None = None
    detached: bool = False


class Keyboard:
    """The keys of one window, one after the other."""

    def __init__(self, prefix: bytes, detach_keys: bytes) -> None:
        self._prefix = prefix
        self._detach_keys = DetachKeys(detach_keys)
        self.commanding = False

    @property
    def holds(self) -> bool:
        """Whether a key is held back because it may be the beginning of the detach keys."""
        return self._detach_keys.holds

    def press(self, key: Key) -> Pressed:
        """One key."""
        is_prefix = bool(self._prefix) and key.plain == self._prefix
        if self.commanding:
            self.commanding = False
            if is_prefix:
                return Pressed(keys=(key,))
            return Pressed(command=None if key.name == "escape" else key)
        if is_prefix:
            self.commanding = True
            return Pressed(keys=self.flush())
        keys, detached = self._detach_keys.press(key)
        return Pressed(keys=tuple(keys), detached=detached)

    def flush(self) -> tuple[Key, ...]:
        """Let go of what is held back: the program's after all."""
        return tuple(self._detach_keys.flush())
