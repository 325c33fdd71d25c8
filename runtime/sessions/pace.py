"""How fast a viewer's socket is emptied: conmon waits for every connected viewer.

One that is behind but moving slows the session down, as any terminal does; one that takes nothing
for a while is left behind.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from runtime.sessions.stalls import PATIENCE

# How far, in bytes, a viewer may be behind before the session is slowed down.
HIGH_WATER = 256 * 1024


class Pace:
    """Has a socket read while the loop runs, but for when the viewer is too far behind."""

    def __init__(
        self, connection: socket.socket, read: Callable[[], None], behind: Callable[[], int]
    ) -> None:
        """`read` is called for each packet, `behind` tells how many bytes were not taken yet."""
        self._read = read
        self._behind = behind
        self._loop = asyncio.get_running_loop()
        self._stuck = False
        self._patience: asyncio.TimerHandle | None = None
        self.listen_to(connection)

    def listen_to(self, connection: socket.socket) -> None:
        """From now on read this one; the one before has ended."""
        self._connection = connection
        self._loop.add_reader(connection, self._read)

    def stop(self) -> None:
        """The connection has ended: it is read no more."""
        self._loop.remove_reader(self._connection)

    def came(self) -> None:
        """A packet came: hold the next ones back where the viewer is too far behind."""
        if self._must_hold():
            self._loop.remove_reader(self._connection)
            self._listen_or_hold()

    def moved(self) -> None:
        """The viewer took something."""
        self._stuck = False
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
            self._listen_or_hold()

    def close(self) -> None:
        """Read no more; the connection stays open."""
        self.stop()
        if self._patience is not None:
            self._patience.cancel()

    def _must_hold(self) -> bool:
        return self._behind() > HIGH_WATER and not self._stuck

    def _listen_or_hold(self) -> None:
        if self._must_hold():
            self._patience = self._loop.call_later(PATIENCE, self._leave_behind)
        else:
            self._loop.add_reader(self._connection, self._read)

    def _leave_behind(self) -> None:
        self._patience = None
        self._stuck = True  # until it moves again nobody waits for it
        self._listen_or_hold()
