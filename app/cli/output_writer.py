"""Writing a session's output to our own stdout and stderr, without ever blocking the loop.

A terminal held with ctrl-s, or a pipe nobody reads, blocks the thread here; the loop goes on and
can still be interrupted. What is under way is bounded, so the session is slowed down, not lost.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from collections import deque

_LIMIT = 256 * 1024


class OutputClosedError(Exception):
    """Nobody is there any more to read what the session prints."""


class OutputWriter:
    """Writes bytes to descriptors in order, in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()
        self._under_way = 0
        self._failed = False
        self._queue: deque[tuple[int, bytes]] = deque()
        self._wake = threading.Condition()
        # A daemon: a thread that hangs in a write must not keep the program from ending.
        threading.Thread(target=self._work, name="output", daemon=True).start()

    async def write(self, descriptor: int, data: bytes) -> None:
        """Queue `data`; waits while too much is under way. Raises OutputClosedError."""
        await self._wait_below(_LIMIT)
        if data:
            self._under_way += len(data)
            with self._wake:
                self._queue.append((descriptor, data))
                self._wake.notify()

    async def drain(self) -> None:
        """Wait until everything has been written. Raises OutputClosedError."""
        await self._wait_below(0)

    async def _wait_below(self, limit: int) -> None:
        while self._under_way > limit and not self._failed:
            self._moved.clear()
            await self._moved.wait()
        if self._failed:
            raise OutputClosedError

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._queue)
                batch = list(self._queue)
                self._queue.clear()
            size = sum(len(data) for _, data in batch)
            failed = not _write_batch(batch)
            try:
                self._loop.call_soon_threadsafe(self._written, size, failed)
            except RuntimeError:
                return  # the loop is closed: the program is ending
            if failed:
                return

    def _written(self, size: int, failed: bool) -> None:
        self._under_way -= size
        self._failed = failed
        self._moved.set()


def _write_batch(batch: list[tuple[int, bytes]]) -> bool:
    for descriptor, group in itertools.groupby(batch, key=lambda each: each[0]):
        view = memoryview(b"".join(data for _, data in group))
        try:
            while view:
                view = view[os.write(descriptor, view) :]
        except OSError:
            return False
    return True
