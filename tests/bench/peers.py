"""One command run to its exit code, the way each peer offers it."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

from runtime.engine import Engine
from runtime.model import Ended, ExecConfig, Output
from tests.bench.places import Place
from tests.bench.rest import Rest


class MeasurementFailedError(Exception):
    """A measured command did not do what it should: its duration would mean nothing."""


class ThroughTheLayer:
    """Create, start, attach; counted up to the exit code (or the first byte)."""

    def __init__(self, engine: Engine, place: Place, *command: str, first_byte: bool) -> None:
        self._engine = engine
        self._id = place.id
        self._first_byte = first_byte
        self._config = ExecConfig(command=list(command), attach_stdout=True, attach_stderr=True)

    async def __call__(self) -> float:
        """The seconds from before the look-up of the container on; the removal is not counted."""
        start = time.perf_counter()
        marks: dict[type[object], float] = {}
        container = await self._engine.find_container(self._id)
        session = await self._engine.exec_create(container, self._config)
        attachment = await self._engine.exec_start_and_attach(session)
        async for event in attachment.events():
            marks.setdefault(type(event), time.perf_counter() - start)
            if isinstance(event, Ended) and event.exit_code != 0:
                raise MeasurementFailedError(f"the layer: exit code {event.exit_code}")
        await attachment.close()
        await self._engine.exec_remove(session)
        return marks[Output if self._first_byte else Ended]


class ThroughAProgram:
    """A command line (`runc exec`, `podman exec`, `docker exec`), waited for."""

    def __init__(self, *words: str, first_byte: bool) -> None:
        self._words = words
        self._first_byte = first_byte

    async def __call__(self) -> float:
        """The seconds to the end of the program, or to its first byte."""
        start = time.perf_counter()
        output = asyncio.subprocess.PIPE if self._first_byte else subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *self._words, stdin=subprocess.DEVNULL, stdout=output
        )
        if process.stdout is not None:
            await process.stdout.readexactly(1)
            first = time.perf_counter() - start
            await process.stdout.read()
        if await process.wait() != 0:
            raise MeasurementFailedError(" ".join(self._words))
        whole = time.perf_counter() - start
        return first if self._first_byte else whole


class ThroughRest:
    """The exec endpoints of a service on a unix socket: create, start attached, inspect."""

    def __init__(self, path: Path, name: str, *command: str, first_byte: bool) -> None:
        self._rest = Rest(path)
        self._name = name
        self._command = command
        self._first_byte = first_byte

    async def __call__(self) -> float:
        """The seconds to the exit code, or to the first byte of output."""
        first, whole = self._rest.run(self._name, self._command)
        return first if self._first_byte else whole
