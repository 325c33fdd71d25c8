"""Warnings of the layer, for people: on stderr, and nothing in them can steer the terminal."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator

from widgets.wording import printable


class _Teller(logging.Handler):
    """Says each record as a message of ours, with the lines of its traceback below."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        message, *more = map(printable, self.format(record).split("\n"))
        self._tell("\n".join((f"exectop: {record.levelname.lower()}: {message}", *more)))


@contextlib.contextmanager
def logged_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Have warnings, and what is worse, told for as long as the context lasts."""
    root, teller = logging.getLogger(), _Teller(tell)
    root.addHandler(teller)
    try:
        yield
    finally:
        root.removeHandler(teller)
