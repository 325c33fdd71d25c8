"""A program's wishes to set the clipboard (OSC 52): followed only where a person allowed it."""

from __future__ import annotations

from typing import Literal

ClipboardPolicy = Literal["ask", "allow", "deny"]


class ProgramClipboard:
    """The wishes of one program. Of several that wait for an answer, the newest counts."""

    def __init__(self, policy: ClipboardPolicy) -> None:
        self._policy = policy
        self.wish: str | None = None

    def ask(self, text: str) -> str | None:
        """The program wants that on the clipboard; gives it back if it may be put there now."""
        if self._policy == "allow":
            return text
        self.wish = text if self._policy == "ask" else None
        return None

    def allow(self) -> str | None:
        """A person allows it, from now on; gives the text that waited for this."""
        wish, self.wish = self.wish, None
        if wish is not None:
            self._policy = "allow"
        return wish
