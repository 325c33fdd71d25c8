"""A viewer's connection to a conmon that is not ours, and the next one when it was cut off."""

from __future__ import annotations

import contextlib
import socket
import struct

from runtime.errors import SessionStateError
from runtime.kernel.seqpacket import connect
from runtime.sessions.holder import Holder
from runtime.sessions.keeper import Keeper

_UCRED = struct.Struct("iII")


class ConmonConnections:
    """Connects directly, or through a keeper where leaving would end the session's input."""

    def __init__(self, holder: Holder, keeper: Keeper | None) -> None:
        """Nothing is connected before `open`."""
        self._holder = holder
        self._keeper = keeper
        self._stack = contextlib.ExitStack()
        self.current: socket.socket

    async def open(self) -> socket.socket:
        """Connect. Raises SessionStateError where conmon is gone, StateError for the keeper."""
        with contextlib.ExitStack() as stack:
            if self._keeper is not None:
                kept = await self._keeper.connection()
                stack.callback(kept.close)
                connection = kept.connection
            else:
                connection = stack.enter_context(await self._connect())
            self._require_conmon(connection)
            self._stack.push(stack.pop_all())
        self.current = connection
        return connection

    async def another(self) -> socket.socket | None:
        """Connect once more; None where the session has ended meanwhile."""
        try:
            return await self.open()
        except SessionStateError:
            return None

    def close(self) -> None:
        """Leave, or give back what is the keeper's."""
        self._stack.close()

    async def _connect(self) -> socket.socket:
        try:
            return await connect(self._holder.attach)
        except OSError as error:
            raise SessionStateError(
                f"cannot connect to conmon {self._holder.process.pid}: {error.strerror}",
                hint="the session has just ended, or it is another user's",
            ) from error

    def _require_conmon(self, connection: socket.socket) -> None:
        # Its command line says where the socket is; anybody may write that.
        packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
        pid, _, _ = _UCRED.unpack(packed)
        if pid != self._holder.process.pid:
            raise SessionStateError(
                f"{self._holder.attach} is the socket of process {pid}, not of conmon "
                f"{self._holder.process.pid}",
                hint="the session has just ended",
            )
