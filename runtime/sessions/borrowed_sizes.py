"""Giving a stranger's terminal the size back that it had before we came.

Its owner, who may be looking at it, has a window of that size.
"""

from __future__ import annotations

import msgspec

from runtime.kernel import tty
from runtime.model import ProcessIdentity, TerminalSize


class _Sized(msgspec.Struct):
    """How large it was, what we made it, and how many of our viewers look at it."""

    before: TerminalSize | None
    ours: TerminalSize | None = None
    viewers: int = 0


class BorrowedSizes:
    """Remembers the sizes of the terminals that viewers of this program look at."""

    def __init__(self) -> None:
        self._sized: dict[ProcessIdentity, _Sized] = {}

    def came(self, leader: ProcessIdentity) -> None:
        """A viewer came to the terminal of this process."""
        if leader not in self._sized:
            self._sized[leader] = _Sized(tty.get_size(leader))
        self._sized[leader].viewers += 1

    def set(self, leader: ProcessIdentity, size: TerminalSize) -> None:
        """We have set its size."""
        if leader in self._sized:
            self._sized[leader].ours = size

    def left(self, leader: ProcessIdentity) -> None:
        """A viewer left. After the last one it is as before, unless others have sized it since."""
        sized = self._sized[leader]
        sized.viewers -= 1
        if sized.viewers:
            return
        del self._sized[leader]
        # A terminal that nobody has looked at has no size at all.
        before = sized.before if sized.before is not None and sized.before.rows else None
        if before is not None and sized.ours is not None and tty.get_size(leader) == sized.ours:
            tty.set_size(leader, before)
