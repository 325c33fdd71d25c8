"""Forwarding what is typed, or piped, into a session, with an eye on the detach keys."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

from runtime.kernel.pidfd import wait_readable
from runtime.protocol.detach_keys import DetachScanner

# A ctrl-p that begins the detach keys is delivered after this pause, if nothing follows it.
HOLD_BACK = 0.5
_READ_SIZE = 64 * 1024


async def forward_input(
    descriptor: int, scanner: DetachScanner, write: Callable[[bytes], Awaitable[None]]
) -> bool:
    """Forward until the end of the input (False) or the detach keys (True)."""
    pollable = True
    while True:
        if pollable:
            try:
                ready = await wait_readable(descriptor, HOLD_BACK if scanner.pending else None)
            except PermissionError:
                pollable = False  # a regular file, or /dev/null: always ready, so never polled
                continue
            if not ready:
                await write(scanner.flush())
                continue
        data = _read(descriptor)
        if not data:
            if scanner.pending:
                await write(scanner.flush())
            return False
        if forward := scanner.feed(data):
            await write(forward)
        if scanner.detached:
            return True


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _READ_SIZE)
    except OSError:
        return b""  # a terminal that was hung up: there is no more to come
