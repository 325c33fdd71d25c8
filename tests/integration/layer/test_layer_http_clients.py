"""The real clients of Docker and podman, on the streams that the layer serves."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.model import AttachOutcome, ContainerInfo, ExecState, HTTPAttachResult
from tests.integration.conftest import InTerminal
from tests.integration.layer.http_server import ExecServer

# docker asks for an upgrade and gets 101, podman does not and gets 200.
CLIENTS = {"docker": ["docker"], "podman": ["podman", "--remote"]}


@pytest.fixture(params=CLIENTS)
def client(
    request: pytest.FixtureRequest,
    require_program: Callable[[str], str],
    short_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """The words that start a client of our server."""
    require_program(request.param)
    for name in ("DOCKER_HOST", "CONTAINER_HOST"):
        monkeypatch.setenv(name, f"unix://{short_folder}/api.sock")
    for name in ("DOCKER_CONFIG", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(short_folder))
    return CLIENTS[request.param]


@pytest.fixture
async def server(engine: Engine, short_folder: Path) -> AsyncIterator[ExecServer]:
    made = ExecServer(engine)
    server = await asyncio.start_unix_server(made.serve, short_folder / "api.sock")
    yield made
    server.close()
    await server.wait_closed()


Run = Callable[..., Awaitable[tuple[int | None, bytes, bytes]]]


@pytest.fixture
def run(client: list[str], server: ExecServer) -> Run:
    """Runs the client to its end: `await run("exec", "-i", id, "cat", stdin=b"…")`."""

    async def run(*words: str, stdin: bytes = b"") -> tuple[int | None, bytes, bytes]:
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        program = await asyncio.create_subprocess_exec(*client, *words, **pipes)
        try:
            async with asyncio.timeout(40):
                output, errors = await program.communicate(stdin)
        except TimeoutError:
            program.kill()
            await program.communicate()
            raise
        return program.returncode, output, errors

    return run


async def test_output_errors_and_the_exit_code(
    run: Run, info: ContainerInfo, server: ExecServer
) -> None:
    script = "echo out; echo err >&2; seq 20000; exit 3"
    code, output, errors = await run("exec", info.id, "sh", "-c", script)

    assert (code, errors) == (3, b"err\n")
    assert output == b"out\n" + b"".join(b"%d\n" % number for number in range(1, 20001))
    assert await server.results.get() == HTTPAttachResult(outcome=AttachOutcome.ENDED, exit_code=3)


async def test_piped_input_arrives_to_its_end(run: Run, info: ContainerInfo) -> None:
    data = os.urandom(1_000_000)
    code, output, _ = await run("exec", "-i", info.id, "sh", "-c", "md5sum; exit 4", stdin=data)

    assert code == 4
    assert output.split()[0].decode() == hashlib.md5(data).hexdigest()


async def test_a_terminal_is_typed_into_and_left_by_the_detach_keys(
    client: list[str], server: ExecServer, info: ContainerInfo, engine: Engine
) -> None:
    words = [*client, "exec", "-it", info.id, "sh", "-c", "read x; echo $x-$(stty size); sleep 99"]
    terminal = InTerminal(words, rows=33, columns=101)
    try:
        await asyncio.to_thread(terminal.type, b"typed\r")
        await asyncio.to_thread(terminal.wait_for, b"typed-33 101")
        await asyncio.to_thread(terminal.type, b"\x10\x11")
        async with asyncio.timeout(40):
            await asyncio.to_thread(terminal.wait_exit)
    finally:
        terminal.close()
    # docker looks for the keys itself and hangs up, podman leaves it to the server.
    outcome = (await server.results.get()).outcome
    assert outcome is (
        AttachOutcome.DISCONNECTED if client == ["docker"] else AttachOutcome.DETACHED
    )
    (line,) = await engine.sessions()
    assert line.state is ExecState.RUNNING
