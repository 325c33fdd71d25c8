"""Output that is not kept anywhere, taken from conmon's socket as it comes.

conmon waits for each of its viewers, so one that is behind slows the session down for all. It may
do that for a second; then nobody waits for it any more until it moves, and what it misses is lost.
"""

from __future__ import annotations

import asyncio
import collections
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable

from runtime.kernel.seqpacket import is_hung_up, receive_now
from runtime.model import CaughtUp, Output
from runtime.protocol.attach import LARGEST_OUTPUT, decode_output
from runtime.sessions.pace import HIGH_WATER, Pace

Reconnect = Callable[[], Awaitable[socket.socket | None]]


class LiveOutput:
    """Reads while the loop runs, from when it is made until it is closed."""

    def __init__(self, connection: socket.socket, reconnect: Reconnect) -> None:
        """`connection` does not block, and is the caller's to close, after `close`.

        `reconnect` gives another one when others have cut this one off, None at the end.
        """
        self._connection = connection
        self._reconnect = reconnect
        self._pieces: collections.deque[Output] = collections.deque()
        self._size = 0
        self._lost = False
        self._ended = False
        self._rung = asyncio.Event()
        self._pace = Pace(connection, self._read, lambda: self._size)

    async def events(self) -> AsyncGenerator[Output | CaughtUp, None]:
        """CaughtUp, as nothing is replayed, then what comes; CaughtUp again where some was lost."""
        yield CaughtUp(truncated=True)
        while True:
            self._rung.clear()
            while self._pieces:
                lost, self._lost = self._lost, False
                if lost:
                    yield CaughtUp(truncated=True)
                yield self._take()
            if self._ended and not await self._come_back():
                return
            await self._rung.wait()

    async def close(self) -> None:
        """Read no more; nobody may be iterating any more."""
        self._pace.close()

    def _take(self) -> Output:
        """The next piece: the viewer has moved."""
        piece = self._pieces.popleft()
        self._size -= len(piece.data)
        self._pace.moved()
        return piece

    def _read(self) -> None:
        packet = receive_now(self._connection, LARGEST_OUTPUT)
        if packet is None:
            return
        if not packet:
            self._pace.stop()
            self._ended = True
        else:
            self._add(packet)
        self._rung.set()

    def _add(self, packet: bytes) -> None:
        stream, data = decode_output(packet)
        self._pieces.append(Output(data=data, stream=stream))
        self._size += len(data)
        while self._size > 2 * HIGH_WATER:
            self._size -= len(self._pieces.popleft().data)
            self._lost = True
        self._pace.came()

    async def _come_back(self) -> bool:
        """Whether there is more to come, because it was not the end but others cut us off."""
        connection = None if is_hung_up(self._connection) else await self._reconnect()
        if connection is None:
            return False
        self._connection, self._ended, self._lost = connection, False, True
        self._pace.listen_to(connection)
        return True
