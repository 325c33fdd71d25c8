"""Knowing at once when one of many processes ends: one pidfd each, kept from look to look."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterable

from runtime.kernel.pidfd import open_pidfd
from runtime.model import ProcessIdentity


class ProcessWatch:
    """Watches a changing set of processes on the running loop."""

    def __init__(self) -> None:
        self._descriptors: dict[ProcessIdentity, int] = {}
        self._ended = asyncio.Event()

    def watch(self, processes: Iterable[ProcessIdentity]) -> None:
        """Watch exactly these from now on; those that have ended already are passed over."""
        wanted = set(processes)
        for process in self._descriptors.keys() - wanted:
            self._drop(process)
        for process in wanted - self._descriptors.keys():
            descriptor = open_pidfd(process)
            if descriptor is not None:
                self._descriptors[process] = descriptor
                asyncio.get_running_loop().add_reader(descriptor, self._mark, process)

    def _mark(self, process: ProcessIdentity) -> None:
        # A pidfd stays readable for ever: told once, it is of no more use.
        asyncio.get_running_loop().remove_reader(self._descriptors[process])
        self._ended.set()

    def _drop(self, process: ProcessIdentity) -> None:
        descriptor = self._descriptors.pop(process)
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)

    async def wait_ended(self, timeout: float) -> None:
        """Wait until a watched process ends, or `timeout` seconds have passed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._ended.wait()
        self._ended.clear()

    def close(self) -> None:
        """Stop watching."""
        self.watch(())
