"""Reading what is typed, or piped, into our standard input."""

from __future__ import annotations

import os

from runtime.kernel.pidfd import wait_readable

_READ_SIZE = 64 * 1024


class DescriptorInput:
    """Input from a descriptor of any kind (`runtime.sessions.input.InputSource`)."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pollable = True

    async def read(self, timeout: float | None) -> bytes | None:
        """The next bytes, b"" at the end; None when none came within `timeout` seconds."""
        if self._pollable:
            try:
                if not await wait_readable(self._descriptor, timeout):
                    return None
            except PermissionError:
                self._pollable = False  # a regular file, or /dev/null: always ready
        try:
            return os.read(self._descriptor, _READ_SIZE)
        except OSError:
            return b""  # a terminal that was hung up: there is no more to come
