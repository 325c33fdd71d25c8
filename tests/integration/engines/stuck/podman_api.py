"""What podman's API is asked for: execs that nobody is attached to, and what became of them."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any

_VERSION = "/v4.0.0/libpod"


class PodmanApi:
    """podman's REST service on a Unix socket."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def start_detached(self, container: str, *command: str, tty: bool = False) -> str:
        """Begin an exec session that nobody is attached to; gives its id."""
        asked = {"Cmd": command, "Tty": tty}
        status, made = self._ask("POST", f"/containers/{container}/exec", asked)
        assert status == 201, made
        session: str = made["Id"]
        begin = {"Detach": True, "Tty": tty}
        status, answer = self._ask("POST", f"/exec/{session}/start", begin)
        assert status == 200, answer
        return session

    def record(self, session: str) -> tuple[bool, int, int] | None:
        """Whether podman says that it runs, its pid and its exit code; None for no record."""
        status, answer = self._ask("GET", f"/exec/{session}/json")
        if status == 404:
            return None
        assert status == 200, answer
        return answer["Running"], answer["Pid"], answer["ExitCode"]

    def _ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("localhost")
        with socket.socket(socket.AF_UNIX) as connected:
            connected.connect(self._path)
            connection.sock = connected
            text = None if body is None else json.dumps(body)
            connection.request(method, _VERSION + path, text, {"Content-Type": "application/json"})
            response = connection.getresponse()
            said = response.read()
        return response.status, json.loads(said) if said.strip() else None
