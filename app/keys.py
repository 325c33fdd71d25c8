"""A key as it was pressed, before anybody decided what it means."""

from __future__ import annotations

import dataclasses

from widgets.vt import Modes
from widgets.vt.keys import encode_key

_PLAIN_MODES = Modes()


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """Textual's name of a key, and the character it types if it types one."""

    name: str
    character: str | None = None

    @property
    def plain(self) -> bytes:
        """What the simplest terminal sends for it."""
        return self.encode(_PLAIN_MODES)

    @property
    def text(self) -> str:
        """The character where there is one to be seen, else the name: "%", "z", "left"."""
        char = self.character
        modified = self.name.startswith(("alt+", "ctrl+", "meta+", "super+", "hyper+"))
        return char if char and not modified and char.isprintable() and char != " " else self.name

    def encode(self, modes: Modes) -> bytes:
        """What a program under these modes expects."""
        return encode_key(self.name, self.character, modes)
