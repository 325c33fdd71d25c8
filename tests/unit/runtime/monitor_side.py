"""conmon's side of the attach socket, for tests of the viewer's."""

from __future__ import annotations

import asyncio
import socket

from runtime.oci.bundle import ExecBundle

PACKET = b"\2" + b"x" * 8192


class Monitor:
    """conmon's side: it listens in the bundle and sends packets."""

    def __init__(self, bundle: ExecBundle) -> None:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(bundle.attach_socket))
        self._listener.listen()
        self._listener.setblocking(False)
        self.peer, self.connection = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.peer.setblocking(False)
        self.connection.setblocking(False)

    async def accept(self) -> None:
        self.peer.close()
        self.peer, _ = await asyncio.get_running_loop().sock_accept(self._listener)

    def send_all(self) -> int:
        """Send as much as there is room for now; gives the number of packets."""
        count = 0
        try:
            while True:
                self.peer.send(PACKET)
                count += 1
        except BlockingIOError:
            return count

    def end(self) -> None:
        self._listener.close()
        self.peer.close()

    def close(self) -> None:
        self.end()
        self.connection.close()
