"""Output taken from a terminal's master (pty(7)), for a viewer that no monitor serves."""

from __future__ import annotations

import asyncio
import errno
import os
import select
from collections.abc import AsyncGenerator

from runtime.kernel.pidfd import wait_readable
from runtime.model import CaughtUp, Output

_LARGEST = 65536


class TerminalOutput:
    """What the terminal prints from now on, as far as nobody else reads it."""

    def __init__(self, master: int, leader: int) -> None:
        """`master` is the caller's to close, and so is `leader`, a pidfd whose end is the end."""
        self._master = master
        self._leader = leader
        self._ended = select.poll()
        self._ended.register(leader, select.POLLIN)
        self._waiting = select.poll()
        self._waiting.register(master, select.POLLIN)

    async def events(self) -> AsyncGenerator[Output | CaughtUp, None]:
        """CaughtUp, as nothing is replayed, then what comes."""
        yield CaughtUp(truncated=True)
        hung_up = False
        while not hung_up:
            await _wait_either(self._master, self._leader)
            ended = bool(self._ended.poll(0))
            while not hung_up and self._waiting.poll(0):
                data = self._read()
                hung_up = data is None
                if data:
                    yield Output(data=data)
                if not ended:
                    break  # whoever shares the master may not block us with what we have seen
            if ended:
                return
        await wait_readable(self._leader)  # it has closed its terminal, and goes on

    def _read(self) -> bytes | None:
        """What is there, b"" where another was faster, None when nobody has the terminal open."""
        try:
            return os.read(self._master, _LARGEST)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return None

    async def close(self) -> None:
        """There is nothing to stop; nobody may be iterating any more."""


class NoOutput:
    """For a viewer that only types: what is printed is read by another."""

    def __init__(self, leader: int) -> None:
        """`leader` is a pidfd, and the caller's to close."""
        self._leader = leader

    async def events(self) -> AsyncGenerator[Output | CaughtUp, None]:
        """CaughtUp, and nothing until the end."""
        yield CaughtUp(truncated=True)
        await wait_readable(self._leader)

    async def close(self) -> None:
        """There is nothing to stop; nobody may be iterating any more."""


async def _wait_either(*descriptors: int) -> None:
    loop = asyncio.get_running_loop()
    readable = loop.create_future()

    def mark() -> None:
        if not readable.done():
            readable.set_result(None)

    for each in descriptors:
        loop.add_reader(each, mark)
    try:
        await readable
    finally:
        for each in descriptors:
            loop.remove_reader(each)
