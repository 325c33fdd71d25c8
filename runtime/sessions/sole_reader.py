"""Being the only one who reads what a stranger's terminal prints.

See `runtime.sessions.programs.sole_reader`, which does it and, whatever becomes of us, undoes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Sequence

from runtime.errors import AccessDeniedError
from runtime.kernel.borrowing import duplicate
from runtime.kernel.epoll_entries import EpollEntry, epoll_entries
from runtime.kernel.pidfd import pidfd, wait_readable
from runtime.model import ProcessIdentity
from runtime.sessions.programs import sole_reader

_PATIENCE = 10.0


async def become_sole_reader(
    holder: ProcessIdentity, numbers: Sequence[int], master: int
) -> socket.socket | None:
    """Keep the holder from reading its descriptors `numbers`, which are the terminal's `master`.

    It reads again once the socket that this gives is closed. None where it cannot be kept from
    it: then whoever comes first reads what is printed.
    """
    entries = [entry for number in numbers for entry in epoll_entries(holder, number)]
    if not entries:
        return None
    with contextlib.ExitStack() as stack, pidfd(holder) as process:
        words = _epoll_words(holder, entries, stack)
        if process is None or words is None:
            return None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            _start([theirs.fileno(), master, process], words, stack)
        return await _answered(ours)


def _start(passed: list[int], words: list[str], stack: contextlib.ExitStack) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-I", "-S", sole_reader.__file__, *map(str, passed), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(*passed, *map(int, words[1::4])),
        start_new_session=True,
    )
    # It forks: by the time that we are answered the one we started is of no use any more.
    stack.callback(starter.wait)
    stack.callback(starter.kill)


def _epoll_words(
    holder: ProcessIdentity, entries: list[EpollEntry], stack: contextlib.ExitStack
) -> list[str] | None:
    words: list[int] = []
    for entry in entries:
        with contextlib.suppress(AccessDeniedError):
            epoll = duplicate(holder, entry.epoll)
            if epoll is None:
                return None
            stack.callback(os.close, epoll)
            words += [entry.number, epoll, entry.events, entry.data]
    return [str(word) for word in words] or None


async def _answered(ours: socket.socket) -> socket.socket | None:
    answer = b""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await wait_readable(ours.fileno())
                answer = ours.recv(1)
    except BaseException:
        ours.close()
        raise
    if answer == b"+":
        return ours
    ours.close()
    return None
