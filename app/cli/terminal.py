"""The terminal this program itself runs in: its size, and raw mode."""

from __future__ import annotations

import contextlib
import os
import termios
import tty
from collections.abc import Iterator

from runtime.model import TerminalSize

FALLBACK_SIZE = TerminalSize(rows=24, columns=80)


def terminal_size(*descriptors: int) -> TerminalSize:
    """The size of the first of these that is a terminal with a size, else 80 by 24."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            columns, rows = os.get_terminal_size(descriptor)
            if columns and rows:
                return TerminalSize(rows=rows, columns=columns)
    return FALLBACK_SIZE


@contextlib.contextmanager
def raw_mode(descriptor: int, *, keep_signals: bool = False) -> Iterator[None]:
    """Let every key through as it is typed, and put the terminal back whatever happens.

    With `keep_signals` ctrl-c still interrupts us.
    """
    before = termios.tcgetattr(descriptor)
    # DRAIN, not FLUSH: what was typed ahead belongs to the session.
    tty.setraw(descriptor, termios.TCSADRAIN)
    if keep_signals:
        modes = termios.tcgetattr(descriptor)
        modes[tty.LFLAG] |= termios.ISIG
        termios.tcsetattr(descriptor, termios.TCSADRAIN, modes)
    try:
        yield
    finally:
        # A terminal that was closed meanwhile has no mode to go back to.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
