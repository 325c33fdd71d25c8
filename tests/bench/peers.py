"""One command run to its exit code, the way each peer offers it."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import subprocess
import time
from pathlib import Path

from runtime.engine import Engine
from runtime.model import Ended, ExecConfig, Output
from tests.bench.places import Place


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


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = str(path)

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


class ThroughRest:
    """The exec endpoints of a service on a unix socket: create, start attached, inspect."""

    def __init__(self, path: Path, name: str, *command: str, first_byte: bool) -> None:
        self._path = path
        self._name = name
        self._command = command
        self._first_byte = first_byte

    async def __call__(self) -> float:
        """The seconds to the exit code, or to the first byte of output."""
        return self._run()

    def _run(self) -> float:
        start = time.perf_counter()
        create = {"Cmd": self._command, "AttachStdout": True, "AttachStderr": True}
        session = self._ask("POST", f"/containers/{self._name}/exec", create)["Id"]
        connection = self._send("POST", f"/exec/{session}/start", {"Detach": False})
        response = connection.getresponse()
        response.read(9 if self._first_byte else None)  # a frame's header is eight bytes
        first = time.perf_counter() - start
        response.read()
        connection.close()
        code = self._ask("GET", f"/exec/{session}/json", None)["ExitCode"]
        whole = time.perf_counter() - start
        if code != 0:
            raise MeasurementFailedError(f"REST: exit code {code}")
        return first if self._first_byte else whole

    def _send(self, method: str, path: str, body: object) -> _UnixConnection:
        connection = _UnixConnection(self._path)
        text = None if body is None else json.dumps(body)
        connection.request(method, f"/v1.40{path}", text, {"Content-Type": "application/json"})
        return connection

    def _ask(self, method: str, path: str, body: object) -> dict[str, object]:
        connection = self._send(method, path, body)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if response.status >= 300:
            raise MeasurementFailedError(f"REST: {response.status} {text.decode()}")
        found: dict[str, object] = json.loads(text)
        return found
