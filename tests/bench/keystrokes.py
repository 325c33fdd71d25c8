"""From a key to its echo, below any screen: through the attach socket and through the peers' ptys.

The program is the same everywhere: a `cat` on a raw terminal, which gives back each byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import subprocess
import time
import tty
from collections.abc import AsyncIterator, Iterator

from runtime.engine import Engine
from runtime.model import ExecConfig, Output, TerminalSize
from runtime.sessions.attachment import Attachment
from tests.bench.measuring import Measured, interleaved, median, percentile, row, title
from tests.bench.places import Place, host, open_engine

_READY = b"ready"
_PROGRAM = ["sh", "-c", f"stty raw -echo; printf {_READY.decode()}; exec cat"]
_SIZE = TerminalSize(rows=24, columns=80)
_LIMIT = 10.0
_PAUSE = 0.02


async def measure(rounds: int) -> None:
    """Print the echo's median and 99th percentile, in microseconds, and ratios to ours."""
    with host() as here:
        ours, docker = here.of_podman("runc"), here.of_docker()
        async with open_engine(here, ours) as engine, _attached(engine, ours) as layer:
            with contextlib.ExitStack() as stack:
                commands = {
                    "podman exec -it": [*here.podman.command, "exec", "-it", ours.name],
                    "docker exec -it": [*here.docker.command, "exec", "-it", docker.name],
                    "raw pty": [],
                }
                kinds: dict[str, Measured] = {"exectop": layer}
                for name, words in commands.items():
                    kinds[name] = stack.enter_context(_on_a_pty([*words, *_PROGRAM]))
                _print(await interleaved(kinds, rounds))


def _print(times: dict[str, list[float]]) -> None:
    title("one key to its echo, µs (as a multiple of exectop's)")
    row("", "median", "p99", "median ratio")
    ours = median(times["exectop"])
    for name, each in times.items():
        middle, last = median(each), percentile(each, 0.99)
        row(name, f"{middle * 1000:.0f}", f"{last * 1000:.0f}", f"{middle / ours:.2f}x")


class _Layer:
    """Echo through an attachment: what is measured is the socket and the kept output."""

    def __init__(self, attachment: Attachment) -> None:
        self._attachment = attachment
        self._outputs = attachment.events()

    async def until(self, text: bytes) -> None:
        """Read output until `text` has come."""
        seen = b""
        async with asyncio.timeout(_LIMIT):
            while text not in seen:
                event = await anext(self._outputs)
                seen += event.data if isinstance(event, Output) else b""

    async def __call__(self) -> float:
        """One key, after the pause of a fast typist."""
        await asyncio.sleep(_PAUSE)
        begin = time.perf_counter()
        await self._attachment.write(b"k")
        await self.until(b"k")
        return time.perf_counter() - begin


@contextlib.asynccontextmanager
async def _attached(engine: Engine, place: Place) -> AsyncIterator[_Layer]:
    config = ExecConfig(command=_PROGRAM, terminal=True, attach_stdin=True)
    session = await engine.exec_create(await engine.find_container(place.id), config)
    attachment = await engine.exec_start_and_attach(session, _SIZE)
    layer = _Layer(attachment)
    await layer.until(_READY)
    yield layer
    await attachment.close()
    await engine.exec_remove(session, force=True)


class _Pty:
    """Echo through a pty of ours, which the program or its client has as its terminal."""

    def __init__(self, master: int) -> None:
        self._master = master

    def until(self, text: bytes) -> None:
        """Read output until `text` has come."""
        seen = b""
        while text not in seen:
            seen += os.read(self._master, 4096)

    async def __call__(self) -> float:
        """One key, after the pause of a fast typist."""
        await asyncio.sleep(_PAUSE)
        begin = time.perf_counter()
        os.write(self._master, b"k")
        self.until(b"k")
        return time.perf_counter() - begin


@contextlib.contextmanager
def _on_a_pty(words: list[str]) -> Iterator[_Pty]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    with subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        echo = _Pty(master)
        echo.until(_READY)
        yield echo
        os.write(master, b"\x04")
        process.terminate()
    os.close(master)
