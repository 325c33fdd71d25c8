"""What a session printed and its emulator has not been fed yet, in order."""

from __future__ import annotations

import collections
import time
from collections.abc import Callable

from runtime.model import TerminalSize
from widgets.vt import Terminal

SLICE = 4096

Step = Callable[[], None]
Fed = Callable[[bool], None]
_Item = tuple[bytes, bool] | TerminalSize | Step


class Printing:
    """Feeds a terminal in slices, for as long as the caller has time.

    `fed` is called after each slice, with whether it was only replayed.
    """

    def __init__(self, terminal: Terminal, fed: Fed) -> None:
        self._terminal = terminal
        self._fed = fed
        self._pending: collections.deque[_Item] = collections.deque()

    def __bool__(self) -> bool:
        return bool(self._pending)

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return sum(len(item[0]) for item in self._pending if isinstance(item, tuple))

    def add(self, data: bytes, *, replay: bool) -> None:
        """Output, printed when its turn comes."""
        self._pending.append((data, replay))

    def add_size(self, size: TerminalSize) -> None:
        """What follows was printed at this size."""
        self._pending.append(size)

    def add_step(self, step: Step) -> None:
        """Something to do when all before it has been printed."""
        self._pending.append(step)

    def clear(self) -> None:
        """Nobody will look at it."""
        self._pending.clear()

    def work(self, budget: float) -> int:
        """Feed for about `budget` seconds; gives the number of bytes that were fed."""
        until = time.monotonic() + budget
        taken = 0
        while self._pending:
            taken += self._work_item(self._pending.popleft())
            if time.monotonic() >= until:
                break
        return taken

    def _work_item(self, item: _Item) -> int:
        if isinstance(item, TerminalSize):
            self._terminal.resize(item.columns, item.rows)
            return 0
        if callable(item):
            item()
            return 0
        data, replay = item
        if len(data) > SLICE:
            self._pending.appendleft((data[SLICE:], replay))
            data = data[:SLICE]
        self._terminal.feed(data)
        self._fed(replay)
        return len(data)
