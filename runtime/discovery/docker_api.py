"""What only dockerd can tell: with which streams an exec was begun, and as which command.

Its files and FIFOs are the same for `docker exec` and `docker exec -d`, and a process may have
become another program since. It is asked once for each exec (GET /exec/{id}/json of the Docker
Engine API).
"""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

import msgspec

_PATIENCE = 1.0
_LARGEST = 1024 * 1024


class _Process(msgspec.Struct, frozen=True):
    entrypoint: str = ""
    arguments: list[str] = []


class DockerExec(msgspec.Struct, frozen=True, rename="pascal"):
    """What dockerd says of an exec; `pid` is the host's."""

    running: bool = False
    pid: int = 0
    open_stdin: bool = False
    open_stdout: bool = False
    open_stderr: bool = False
    process_config: _Process = _Process()

    @property
    def command(self) -> list[str]:
        """The command, as the client gave it."""
        return [self.process_config.entrypoint, *self.process_config.arguments]

    @property
    def attached(self) -> bool:
        """Whether it was begun for somebody to be attached to: not so with `docker exec -d`."""
        return self.open_stdin or self.open_stdout or self.open_stderr


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_PATIENCE)
        self.sock.connect(str(self._path))


def ask_exec(path: Path, exec_id: str) -> DockerExec | None:
    """What the dockerd behind a socket says of an exec; None where it knows none, or is not there.

    Raises TimeoutError for one that is there, and does not answer within a second.
    """
    connection = _Connection(path)
    try:
        connection.request("GET", f"/exec/{exec_id}/json")
        answer = connection.getresponse()
        text = answer.read(_LARGEST)
        return msgspec.json.decode(text, type=DockerExec) if answer.status == 200 else None
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException, msgspec.DecodeError, UnicodeDecodeError):
        return None
    finally:
        connection.close()
