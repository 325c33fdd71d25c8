"""What is said in the corner: each thing once, with what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable

from runtime.errors import ExectopError
from widgets.wording import printable

QUIET = 3.0
ERROR_SECONDS = 10.0


class Toasts:
    """Errors and news. The same words again within a few seconds are not repeated."""

    def __init__(
        self, notify: Callable[..., object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._notify = notify
        self._clock = clock
        self._last: dict[str, float] = {}

    def error(self, error: ExectopError) -> None:
        """An error: what happened, and what to do next."""
        self._say(error.hint, error.message, "error", ERROR_SECONDS)

    def warning(self, message: str, hint: str = "") -> None:
        """Something that needs a look, but is no failure."""
        self._say(hint, message, "warning", ERROR_SECONDS)

    def news(self, message: str, hint: str = "") -> None:
        """Something that went well."""
        self._say(hint, message, "information", 4.0)

    def _say(self, hint: str, what: str, severity: str, timeout: float) -> None:
        now = self._clock()
        words = f"{severity} {what} {hint}"
        if now - self._last.get(words, now - QUIET) < QUIET:
            return
        self._last[words] = now
        text = "\n".join(printable(line) for line in (what, hint) if line)
        self._notify(text, severity=severity, timeout=timeout, markup=False)
