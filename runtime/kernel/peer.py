"""What the other end of a connected Unix socket is doing (unix(7)): reading, or gone.

The socket may belong to an asyncio transport: it is watched through an epoll of its own, and
nothing is read from it or written to it here.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import select
import sys
import termios
from collections.abc import Iterator
from typing import Protocol

from runtime.kernel.pidfd import wait_readable


class Socket(Protocol):
    """As much of a socket as is needed; asyncio gives out no more of its own."""

    def fileno(self) -> int:
        """The descriptor, -1 once it is closed."""


async def wait_hung_up(connection: Socket) -> None:
    """Wait until the peer has closed its end, or died; one that only stopped writing has not."""
    with _watched(connection, 0) as watch:  # EPOLLHUP is told of without being asked for
        if watch is not None:
            await wait_readable(watch.fileno())


def is_hung_up(connection: Socket) -> bool:
    """Whether the peer has closed its end, or died."""
    if connection.fileno() < 0:
        return True
    look = select.poll()
    look.register(connection.fileno(), 0)
    return bool(look.poll(0))


async def wait_read(connection: Socket, timeout: float) -> bool:
    """Wait until the peer has read all that was sent; False when `timeout` seconds pass first."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    # The kernel rings each time the peer took a buffer, however much room there was before.
    with _watched(connection, select.EPOLLOUT | select.EPOLLET) as watch:
        while watch is not None and _queued(connection):
            if not await wait_readable(watch.fileno(), deadline - loop.time()):
                return False
            watch.poll(0)
    return True


def _queued(connection: Socket) -> int:
    if connection.fileno() < 0:
        return 0
    # SIOCOUTQ, which Python knows under the terminals' name only.
    packed = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
    return int.from_bytes(packed, sys.byteorder)


@contextlib.contextmanager
def _watched(connection: Socket, events: int) -> Iterator[select.epoll | None]:
    """An epoll of this socket alone, None where it is closed already."""
    if connection.fileno() < 0:
        yield None
        return
    with select.epoll() as watch:
        watch.register(connection.fileno(), events)
        yield watch
