"""conmon's socket as a doorbell: it tells that there is more output, and is emptied at once.

conmon waits for every connected viewer, so one that reads nothing would stop the session. The
socket is emptied whether or not the viewer keeps up. One that is behind but moving slows the
session down, as any terminal does; one that took nothing for a while is left behind.
"""

from __future__ import annotations

import asyncio
import socket

from runtime.protocol.attach import LARGEST_OUTPUT

# How far a viewer may be behind, in bytes, before the session is slowed down, and for how many
# seconds that may go on without the viewer taking anything.
_HIGH_WATER = 256 * 1024
_PATIENCE = 1.0


class Doorbell:
    """Rings while the loop runs, from `open` to `close`."""

    def __init__(self, connection: socket.socket) -> None:
        """`connection` does not block, and is the caller's to close, after `close`."""
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._listening = False
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None
        self._behind = 0  # bytes the socket told of that the viewer has not taken
        self._patience: asyncio.TimerHandle | None = None
        self.ended = False

    def open(self) -> None:
        """Begin to listen."""
        self._start_listening()

    def close(self) -> None:
        """Listen no more."""
        self._stop_listening()
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def clear(self) -> None:
        """Forget that it rang."""
        self._rung = False

    async def wait(self) -> None:
        """Wait until it rings, if it has not since `clear`."""
        if self._rung:
            return
        self._waiter = self._loop.create_future()
        await self._waiter

    def taken(self, count: int) -> None:
        """The viewer took `count` bytes of output."""
        self._behind -= count
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
            self._listen_or_hold()

    def _listen(self) -> None:
        try:
            packet = self._connection.recv(LARGEST_OUTPUT)
        except (BlockingIOError, InterruptedError):
            return
        except ConnectionError:
            packet = b""  # a monitor that died hard
        if packet:
            self._behind += len(packet) - 1  # the first byte names the stream
            if self._behind > _HIGH_WATER:
                self._stop_listening()
                self._listen_or_hold()
        else:
            self.ended = True
            self._stop_listening()
        self._ring()

    def _listen_or_hold(self) -> None:
        if self._behind > _HIGH_WATER:
            self._patience = self._loop.call_later(_PATIENCE, self._leave_behind)
        else:
            self._start_listening()

    def _start_listening(self) -> None:
        self._loop.add_reader(self._connection, self._listen)
        self._listening = True

    def _stop_listening(self) -> None:
        if self._listening:
            self._loop.remove_reader(self._connection)
            self._listening = False

    def _leave_behind(self) -> None:
        self._patience = None
        self._behind = 0  # it is stuck, and will catch up from the log
        self._listen_or_hold()

    def _ring(self) -> None:
        self._rung = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
