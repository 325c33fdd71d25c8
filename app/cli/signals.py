"""Signals that end this program, caught so that it can tidy up first."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CaughtSignalError(Exception):
    """A signal asked this program to end."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number.name)
        self.number = number


class SignalWatch:
    """Catches signals while it is entered; work given to `run` is cut short by the first."""

    def __init__(self, numbers: Sequence[signal.Signals] = ENDING) -> None:
        # Those that are ignored stay so: nohup, and shells that start jobs in the background.
        self._numbers = [each for each in numbers if signal.getsignal(each) != signal.SIG_IGN]
        self._caught: asyncio.Future[signal.Signals] | None = None

    def __enter__(self) -> SignalWatch:
        loop = asyncio.get_running_loop()
        self._caught = loop.create_future()
        for number in self._numbers:
            loop.add_signal_handler(number, self._catch, number)
        return self

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        for number in self._numbers:
            loop.remove_signal_handler(number)

    def _catch(self, number: signal.Signals) -> None:
        if self._caught is not None and not self._caught.done():
            self._caught.set_result(number)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do `work`, unless a signal comes: then cancel it and raise CaughtSignalError.

        The signal is used up by that: a later `run` waits for another one.
        """
        assert self._caught is not None, "the watch must be entered first"
        task = asyncio.ensure_future(work)
        try:
            both: set[asyncio.Future[Any]] = {task, self._caught}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        if self._caught.done() and task.cancelled():
            number = self._caught.result()
            self._caught = asyncio.get_running_loop().create_future()
            raise CaughtSignalError(number)
        return task.result()
