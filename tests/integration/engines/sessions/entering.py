"""Ways into containers, and sessions that can be told apart by what they run."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import os
import pty
import signal
import socket
import subprocess
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from runtime.engine import Engine
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import PROC, identify
from runtime.model import Certainty, ProcessIdentity, SessionInfo

PATIENCE = 60.0
_numbers = itertools.count(1)

# What a container's first process may have begun itself, and what lives in it: {n} are names.
DECOYS = """
sleep {0} &
setsid sleep {1} &
(setsid sh -c 'sleep {2} & exit' &)
(setsid sh -c 'sleep {3} </dev/null >/dev/null 2>&1 & exit' &)
(setsid sh -c 'sleep {4} | sleep {5} & exit' &)
(setsid sh -c 'sleep {6} & wait' &)
sh -c 'sleep {7} & wait' &
(setsid sh -c 'sh -c "setsid sleep {8} & exit" & exit' &)
(setsid sh -c 'sleep {9} 2>/dev/null | sleep {10} >/dev/null & exit' &)
trap 'exit 0' TERM
while :; do sleep 3600 & wait $!; done
"""
COUNT = 11


def unique() -> str:
    """A number of seconds to sleep for, by which a process is known."""
    return f"{os.getpid()}{next(_numbers):03}"


class Decoys:
    """Processes that a container begins itself."""

    def __init__(self) -> None:
        self.names = [unique() for _ in range(COUNT)]

    @property
    def command(self) -> tuple[str, ...]:
        """The container's first process."""
        return "sh", "-c", DECOYS.format(*self.names)

    async def wait(self) -> None:
        """Wait until all of them run."""
        for name in self.names:
            await running(name)


class Clients:
    """Programs that let somebody in; they are ended, and waited for, at the end."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []
        self._terminals: list[int] = []

    def start(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Run a program beside the test."""
        given: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
        process = subprocess.Popen(words, **(given | {"stderr": subprocess.DEVNULL} | options))
        self._started.append(process)
        return process

    def start_in_terminal(self, *words: str) -> subprocess.Popen[bytes]:
        """Run a program in a terminal of its own."""
        master, slave = pty.openpty()
        self._terminals.append(master)
        process = self.start(
            "setsid", "--ctty", *words, stdin=slave, stdout=slave, stderr=slave, bufsize=0
        )
        os.close(slave)
        return process

    def close(self) -> None:
        """End them all."""
        for process in self._started:
            process.kill()
            process.communicate()
        for master in self._terminals:
            os.close(master)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def ask(server: Path, path: str) -> dict[str, Any]:
    """What an engine's API answers to GET."""
    connection = _UnixConnection(server)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        text = response.read()
        assert response.status == 200, text
        answer: dict[str, Any] = json.loads(text)
        return answer
    finally:
        connection.close()


async def engine_says_ended(server: Path, path: str) -> dict[str, Any]:
    """Wait until an engine says of an exec session that it runs no more; all it says."""
    async with asyncio.timeout(PATIENCE):
        while (answer := ask(server, path))["Running"]:
            await asyncio.sleep(0.05)  # docker tells of it in events of another API only
        return answer


async def running(name: str) -> ProcessIdentity:
    """Wait until `sleep NAME` runs; who it is."""
    async with asyncio.timeout(PATIENCE):
        while (found := sleeper(name)) is None:
            await asyncio.sleep(0.02)  # nobody tells of a process of another's
        return found


def sleeper(name: str) -> ProcessIdentity | None:
    """The process that runs `sleep NAME`."""
    for entry in PROC.iterdir():
        if entry.name.isdigit() and _words(entry) == ["sleep", name]:
            return identify(int(entry.name))
    return None


def _words(entry: Path) -> list[str]:
    try:
        return (entry / "cmdline").read_text().split("\0")[:-1]
    except OSError:
        return []


def end(name: str) -> None:
    """End the process that runs `sleep NAME`."""
    found = sleeper(name)
    if found is not None:
        send_signal(found, signal.SIGKILL)


async def sessions_in(engine: Engine, containers: Collection[str]) -> dict[str, SessionInfo]:
    """The sessions of these containers, by the last word of what they run: each only once."""
    found: dict[str, SessionInfo] = {}
    for each in await engine.sessions():
        if each.container_id in containers:
            assert each.command[-1] not in found, (each, found[each.command[-1]])
            found[each.command[-1]] = each
    return found


def origins(found: dict[str, SessionInfo]) -> dict[str, tuple[str, Certainty]]:
    """What began each, and how surely."""
    return {name: (each.origin, each.certainty) for name, each in found.items()}


async def eventually(
    engine: Engine,
    containers: Collection[str],
    settled: Callable[[dict[str, SessionInfo]], bool],
) -> dict[str, SessionInfo]:
    """The sessions once they are as they should be: engines take notice in their own time."""
    found: dict[str, SessionInfo] = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while not settled(found := await sessions_in(engine, containers)):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"it stayed {found}") from None
    return found
