"""Forwarding what a viewer types, or pipes in, with an eye on the detach keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from runtime.protocol.detach_keys import DetachScanner

# A ctrl-p that begins the detach keys is delivered after this pause, if nothing follows it.
HOLD_BACK = 0.5


class InputSource(Protocol):
    """Where input comes from."""

    async def read(self, timeout: float | None) -> bytes | None:
        """The next bytes, b"" at the end; None when none came within `timeout` seconds."""


async def forward_input(
    source: InputSource, scanner: DetachScanner, write: Callable[[bytes], Awaitable[None]]
) -> bool:
    """Forward until the end of the input (False) or the detach keys (True)."""
    while True:
        data = await source.read(HOLD_BACK if scanner.pending else None)
        if not data:
            if scanner.pending:
                await write(scanner.flush())
            if data is None:
                continue
            return False
        if forward := scanner.feed(data):
            await write(forward)
        if scanner.detached:
            return True
