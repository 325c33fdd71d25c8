"""Sessions that engines' own clients began, each in a terminal as a person would have it."""

from __future__ import annotations

import asyncio
import itertools
import os

from runtime.engine import Engine
from runtime.kernel.proc import identify, read_stat
from runtime.model import ProcessIdentity, SessionInfo
from tests.integration.conftest import InTerminal

_numbers = itertools.count(1)
PATIENCE = 60.0

# Answers each line with the size of its terminal, and ends with it.
ANSWERS = "echo ready; while read line; do echo got $line $(stty size 2>/dev/null); done; exit 7"


def tag() -> str:
    """A word by which a session is known in lists."""
    return f"tag-{os.getpid()}-{next(_numbers)}"


class Owner:
    """Whoever began a session, at a terminal. What waits does so in a thread."""

    def __init__(self, terminal: InTerminal, name: str) -> None:
        self._terminal = terminal
        self.name = name
        self.client = terminal.process

    async def sees(self, text: str) -> None:
        """Wait until the terminal shows it."""
        await asyncio.to_thread(self._terminal.wait_for, text.encode())

    def type(self, text: str) -> None:
        """Press keys."""
        self._terminal.type(text.encode())

    async def can_type(self, word: str) -> None:
        """See that what the owner types arrives, and that the owner sees the answer."""
        self.type(f"{word}\n")
        await self.sees(f"got {word}")

    def resize(self, rows: int, columns: int) -> None:
        """Change the window."""
        self._terminal.resize(rows, columns)

    async def exit_code(self) -> int:
        """Wait for the client's end."""
        return await asyncio.to_thread(self._terminal.wait_exit)

    @property
    def seen(self) -> bytes:
        """What the terminal showed since what was last waited for."""
        return self._terminal.seen

    def close(self) -> None:
        """Close the terminal, and end what is in it."""
        self._terminal.close()

    def kill(self) -> None:
        """End the client so that it can do nothing more; its terminal stays."""
        self.client.kill()
        self.client.wait()


async def session_of(engine: Engine, name: str) -> SessionInfo:
    """The one session whose last word is that name, once it has become what it is to be."""
    async with asyncio.timeout(PATIENCE):
        while not (found := [each for each in await engine.sessions() if each.command[-1] == name]):
            await asyncio.sleep(0.02)  # nobody tells
    (session,) = found
    return session


async def input_closed(engine: Engine, name: str) -> SessionInfo:
    """The session, once conmon has noticed that its owner's client was killed."""
    session = await session_of(engine, name)
    async with asyncio.timeout(PATIENCE):
        while (await engine.plan_attach(session.id)).write.possible:
            await asyncio.sleep(0.02)  # nobody tells
    return session


def holder_of(session: SessionInfo) -> ProcessIdentity:
    """Its monitor, or whatever its first process is the child of."""
    stat = read_stat(session.pid)
    assert stat is not None
    holder = identify(stat.ppid)
    assert holder is not None
    return holder
