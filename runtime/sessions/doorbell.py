"""conmon's socket as a doorbell, for a viewer that takes its output from the log.

It tells that there is more, and when it is the end. And it sets the pace: conmon waits for every
connected viewer. One that is behind but moving slows the session down, as any terminal does; one
that takes nothing for a while is left behind, and catches up from the log.
"""

from __future__ import annotations

import asyncio
import logging
import socket

from runtime.kernel.inotify import WriteWatch
from runtime.kernel.seqpacket import connect, is_hung_up, receive_now
from runtime.oci.bundle import ExecBundle
from runtime.protocol.attach import LARGEST_OUTPUT, decode_output
from runtime.sessions.pace import HIGH_WATER, Pace
from runtime.sessions.stalls import PATIENCE, Stalls
from runtime.sessions.unlogged import Unlogged
from runtime.sessions.viewers import Registration

_log = logging.getLogger(__name__)


class Doorbell:
    """Rings while the loop runs, from when it is made until it is closed."""

    def __init__(
        self, bundle: ExecBundle, connection: socket.socket, registration: Registration
    ) -> None:
        """`connection` does not block, and is the caller's to close, after `close`."""
        self._bundle = bundle
        self._registration = registration
        self._loop = asyncio.get_running_loop()
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None
        self._stalls = Stalls()
        self._silent = False
        self._next_look: asyncio.TimerHandle | None = None
        self._return: asyncio.Task[None] | None = None
        self._more: list[socket.socket] = []
        self.unlogged = Unlogged(2 * HIGH_WATER)
        self.ended = False
        self.was_cut_off = False
        self._connection = connection
        self._registration.note(connection)
        self._pace = Pace(connection, self._listen, lambda: self.unlogged.behind)
        self._look_later()
        self._unheard = self._watch_log()

    def _watch_log(self) -> WriteWatch | None:
        # conmon takes up a connection when it gets to it, and may log output first that it then
        # sends to the others only. So until it has sent us something the log itself is watched.
        try:
            return WriteWatch(self._bundle.folder, self._ring)
        except OSError as error:  # there are too many watches, or the session has just ended
            _log.debug("%s cannot be watched: %s", self._bundle.folder, error)
            return None

    def _heard(self) -> None:
        if self._unheard is not None:
            self._unheard.close()
            self._unheard = None

    async def close(self) -> None:
        """Listen no more."""
        self._heard()
        self._pace.close()
        if self._next_look is not None:
            self._next_look.cancel()
        if self._return is not None:
            self._return.cancel()
            await asyncio.wait([self._return])
        for connection in self._more:
            connection.close()

    def clear(self) -> None:
        """Forget that it rang."""
        self._rung = False

    async def wait(self) -> None:
        """Wait until it rings, if it has not since `clear`."""
        if self._rung:
            return
        self._waiter = self._loop.create_future()
        await self._waiter

    def moved(self) -> None:
        """The viewer took something."""
        self._pace.moved()

    def _listen(self) -> None:
        packet = receive_now(self._connection, LARGEST_OUTPUT)
        if packet is None:
            return
        if not packet:
            self._pace.stop()
            if is_hung_up(self._connection):
                self._end()
            else:
                self._return = self._loop.create_task(self._come_back())
            return
        self._heard()
        self.unlogged.add(*decode_output(packet))
        self._silent = False
        self._look_later()
        self._pace.came()
        self._ring()

    async def _come_back(self) -> None:
        """Connect anew: others have cut this viewer off (`Stalls`).

        The old connection stays open: input goes there, and closing it may end the input.
        """
        self.unlogged.stop_counting()
        self.was_cut_off = True
        try:
            connection = await connect(self._bundle.attach_socket)
        except OSError:
            self._end()  # it has ended meanwhile
            return
        self._more.append(connection)
        self._connection = connection
        self._registration.note(connection)
        self._pace.listen_to(connection)

    def _end(self) -> None:
        self.ended = True
        self._ring()

    def _look_later(self) -> None:
        if self._next_look is None:
            self._next_look = self._loop.call_later(PATIENCE / 2, self._look)

    def _look(self) -> None:
        """When nothing comes any more, see whether another viewer holds the session up.

        Whoever does has had a packet that he did not read, and that was sent to us, too. So while
        nobody has output waiting there is nothing to look for before the next packet.
        """
        self._next_look = None
        if not self._silent:
            self._silent = True
            self._look_later()
        elif self._stalls.look(self._bundle, besides=self._registration.path):
            self._look_later()

    def _ring(self) -> None:
        self._rung = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
