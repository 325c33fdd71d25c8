"""Talking with a command in a container, which can do so without being attached to."""

from __future__ import annotations

import os
from pathlib import Path

from runtime.kernel.pidfd import wait_readable


class Signals:
    """Two FIFOs of the container: a command tells us in /told, we let it go on in /go."""

    def __init__(self, folder: Path) -> None:
        for name in ("told", "go"):
            os.mkfifo(folder / name, 0o666)
        self._told = os.open(folder / "told", os.O_RDONLY | os.O_NONBLOCK)
        self._go = os.open(folder / "go", os.O_RDWR)

    async def told(self) -> None:
        """Wait until the command has told."""
        assert await wait_readable(self._told, 30)
        assert os.read(self._told, 100)

    def go_on(self) -> None:
        """Let the command go on."""
        os.write(self._go, b"go on\n")

    def close(self) -> None:
        os.close(self._told)
        os.close(self._go)
