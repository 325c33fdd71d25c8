"""The exec endpoints of a service on a unix socket (Docker's API, which podman has, too)."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import identify

_VERSION = "/v1.40"


class RestFailedError(Exception):
    """The service refused; the text is its own."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = str(path)

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


class Rest:
    """A client that makes one connection a request, as the engines' own do for exec."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def run(self, name: str, command: Sequence[str]) -> tuple[float, float]:
        """Run to the end; the seconds to the first byte and to the exit code (which is 0)."""
        begin = time.perf_counter()
        session = self._create(name, command)
        body = {"Detach": False, "Tty": False}
        with self._sent("POST", f"/exec/{session}/start", body) as response:
            response.read(9)  # a frame's header is eight bytes
            first = time.perf_counter() - begin
            response.read()
        code = self.inspect(session)["ExitCode"]
        if code != 0:
            raise RestFailedError(f"exit code {code}")
        return first, time.perf_counter() - begin

    def start_detached(self, name: str, command: Sequence[str]) -> str:
        """Start a session that is left alone; gives its id."""
        session = self._create(name, command, attach=False)
        self._ask("POST", f"/exec/{session}/start", {"Detach": True, "Tty": False})
        return session

    def sessions_of(self, name: str) -> list[str]:
        """The exec ids that the container's own record tells of."""
        return self._ask("GET", f"/containers/{name}/json")["ExecIDs"] or []

    def inspect(self, session: str) -> dict[str, Any]:
        """The session as the service has it."""
        return self._ask("GET", f"/exec/{session}/json")

    def kill(self, session: str) -> None:
        """End a session's process, which no endpoint does."""
        process = identify(int(self.inspect(session)["Pid"]))
        if process is not None:
            send_signal(process, signal.SIGKILL)

    def _create(self, name: str, command: Sequence[str], *, attach: bool = True) -> str:
        body = {"Cmd": command, "AttachStdout": attach, "AttachStderr": attach}
        return str(self._ask("POST", f"/containers/{name}/exec", body)["Id"])

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        with self._sent(method, path, body) as response:
            text = response.read()
        found: dict[str, Any] = json.loads(text) if text.strip() else {}
        return found

    @contextlib.contextmanager
    def _sent(self, method: str, path: str, body: object) -> Iterator[http.client.HTTPResponse]:
        with contextlib.closing(_UnixConnection(self._path)) as connection:
            text = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"}
            connection.request(method, _VERSION + path, text, headers)
            response = connection.getresponse()
            if response.status >= 300:
                raise RestFailedError(f"{method} {path}: {response.read().decode()}")
            yield response
