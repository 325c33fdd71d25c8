"""Sessions served over an HTTP connection: what the client is sent, in what order, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import DATABASE, Engine
from runtime.errors import CannotInvokeError, CommandNotFoundError, ExectopError
from runtime.kernel.pidfd import send_signal, wait_ended, wait_readable
from runtime.model import (
    AttachOutcome,
    ContainerInfo,
    EngineSettings,
    EventName,
    ExecConfig,
    ExecState,
    HTTPAttachResult,
    HTTPAttachStreams,
    TerminalSize,
)
from runtime.protocol.hijack import HijackRequest
from runtime.protocol.stdcopy import encode_frame
from tests.integration.layer.http_client import UPGRADE, Serve, Served, serving

BOTH: dict[str, Any] = {"attach_stdin": True, "attach_stdout": True, "attach_stderr": True}
RAW_HEAD = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
FRAMED_HEAD_UPGRADED = RAW_HEAD.replace(b"raw", b"multiplexed")
FRAMED_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n\r\n"


@pytest.fixture
async def serve(engine: Engine) -> AsyncIterator[Serve]:
    async with serving(engine) as serve:
        yield serve


async def test_streams_come_apart_and_the_exit_code_is_known_at_their_end(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    command = ["sh", "-c", "cat; echo wrong >&2; exit 9"]
    session_id = await engine.exec_create(info, ExecConfig(command=command, **BOTH))
    client = await serve(session_id, HijackRequest())

    assert await client.read_head() == FRAMED_HEAD
    client.writer.write(b"in \0and\xff out")
    client.writer.write_eof()
    assert await client.frames() == {1: b"in \0and\xff out", 2: b"wrong\n"}
    # A client asks for the exit code as soon as the stream ends.
    assert EventName.DIED in [event.name for event in engine.events(session_id=session_id)]
    assert await client.result() == HTTPAttachResult(outcome=AttachOutcome.ENDED, exit_code=9)
    inspected = await engine.inspect(session_id)
    assert (inspected.exit_code, inspected.running, inspected.pid) == (9, False, 0)


async def test_a_terminal_is_raw_and_has_its_size_from_the_start(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    # crun lets its child run before it sets the size, so there a first look may find none.
    look = "stty size" if info.runtime == "runc" else "until stty size 2>&- | grep .; do :; done"
    config = ExecConfig(command=["sh", "-c", look + "; exit 3"], terminal=True, **BOTH)
    session_id = await engine.exec_create(info, config)
    client = await serve(session_id, size=TerminalSize(rows=31, columns=117))

    assert await client.read_head() == RAW_HEAD
    assert await client.rest() == b"31 117\r\n"
    assert await client.result() == HTTPAttachResult(outcome=AttachOutcome.ENDED, exit_code=3)


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(
    ("command", "error", "code"),
    [("no-such-command", CommandNotFoundError, 127), ("/etc/passwd", CannotInvokeError, 126)],
)
async def test_what_fails_before_the_start_leaves_the_connection_alone(
    engine: Engine,
    info: ContainerInfo,
    serve: Serve,
    command: str,
    error: type[ExectopError],
    code: int,
    terminal: bool,
) -> None:
    config = ExecConfig(command=[command], terminal=terminal, **BOTH)
    session_id = await engine.exec_create(info, config)
    client = await serve(session_id)

    with pytest.raises(error) as caught:
        await client.task
    assert caught.value.exit_code == code
    # An error response can still be sent.
    client.server[1].write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert await client.read_head() == b"HTTP/1.1 400 Bad Request\r\n\r\n"
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code) == (ExecState.STOPPED, code)


@pytest.mark.parametrize("terminal", [False, True])
async def test_a_megabyte_both_ways(
    engine: Engine, info: ContainerInfo, serve: Serve, terminal: bool
) -> None:
    quiet = "stty raw -echo; " if terminal else ""
    command = ["sh", "-c", f"{quiet}echo ready; head -c 1000000"]
    # What is sent has the default keys in it: without a terminal they are bytes like any other.
    keys = "" if terminal else None
    config = ExecConfig(command=command, terminal=terminal, detach_keys=keys, **BOTH)
    client = await serve(await engine.exec_create(info, config))
    await client.read_head()
    await client.wait_for(b"ready\n")
    data = bytes(range(250)) * 4000

    async def send() -> None:
        for start in range(0, len(data), 10_000):
            client.writer.write(data[start : start + 10_000])
            await client.writer.drain()

    sending = asyncio.create_task(send())
    back = await client.rest() if terminal else (await client.frames())[1]
    await sending
    assert (len(back), hashlib.md5(back).digest()) == (len(data), hashlib.md5(data).digest())
    assert (await client.result()).exit_code == 0


async def test_only_the_streams_asked_for_are_connected(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    command = ["sh", "-c", "cat; echo err >&2"]
    created = await engine.exec_create(info, ExecConfig(command=command, attach_stdout=True))
    asked = HTTPAttachStreams(stdin=True, stderr=True)
    client = await serve(created, streams=asked)
    await client.read_head()
    client.writer.write(b"never shown")
    client.writer.write_eof()
    assert await client.frames() == {1: b"", 2: b"err\n"}
    inspected = await engine.inspect(created)
    assert (inspected.open_stdin, inspected.open_stdout, inspected.open_stderr) == (
        True,
        False,
        True,
    )


async def test_a_terminal_that_is_only_typed_into_shows_nothing(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    config = ExecConfig(command=["sh"], terminal=True, attach_stdin=True)
    client = await serve(await engine.exec_create(info, config))
    await client.read_head()
    client.writer.write(b"echo unseen; exit 2\n")
    assert await client.rest() == b""
    assert (await client.result()).exit_code == 2


async def test_output_never_comes_together_with_the_head(
    engine: Engine, info: ContainerInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.sessions.hijacked_client._HEAD_PATIENCE", 30.0)
    config = ExecConfig(command=["echo", "all of it"], attach_stdout=True)
    session_id = await engine.exec_create(info, config)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    connection = await asyncio.open_connection(sock=theirs)
    task = asyncio.create_task(engine.exec_http_start_and_attach(session_id, connection, UPGRADE))
    with ours:
        assert await wait_readable(ours.fileno(), 30)
        session = await engine.find_session(session_id)
        assert await wait_ended(session.monitor, 30)  # all was printed
        for _ in range(100):
            await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        assert await loop.sock_recv(ours, 65536) == FRAMED_HEAD_UPGRADED
        assert await loop.sock_recv(ours, 65536) == encode_frame(1, b"all of it\n")
    assert (await task).exit_code == 0


async def test_a_client_that_is_behind_holds_the_program_back(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    size = 20_000_000
    config = ExecConfig(command=["head", "-c", str(size), "/dev/zero"], attach_stdout=True)
    session_id = await engine.exec_create(info, config)
    client = await serve(session_id)
    await client.read_head()
    transport = client.server[1].transport
    behind = asyncio.Event()
    largest = 0
    drain = client.server[1].drain

    async def noting() -> None:
        nonlocal largest
        largest = max(largest, transport.get_write_buffer_size())
        if transport.get_write_buffer_size() > 64 * 1024:
            behind.set()
        await drain()

    client.server[1].drain = noting  # type: ignore[method-assign]
    async with asyncio.timeout(30):
        await behind.wait()  # we have read next to nothing so far
    assert len((await client.frames())[1]) == size
    assert largest < 256 * 1024
    assert (await client.result()).exit_code == 0


async def test_input_that_nobody_read_breaks_nothing_at_the_end(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    config = ExecConfig(command=["seq", "1000"], attach_stdout=True)
    session_id = await engine.exec_create(info, config)
    client = await serve(session_id)
    # More than the server takes in by itself. A socket that is closed over it counts as broken.
    client.writer.write(b"never read " * 50_000)
    await client.read_head()
    assert (await client.frames())[1].endswith(b"\n1000\n")
    await client.writer.drain()
    assert (await client.result()).exit_code == 0


@pytest.fixture
def lock_database(engine: Engine, engine_settings: EngineSettings) -> Iterator[sqlite3.Connection]:
    """Another program's connection, which is about to lock the database for long."""
    engine._database._busy_timeout = 0.1
    path = Path(engine_settings.state_dir, DATABASE)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        yield other


async def _started(engine: Engine, info: ContainerInfo, serve: Serve) -> tuple[str, Served]:
    config = ExecConfig(command=["sh", "-c", "echo out; read x; exit 4"], **BOTH)
    session_id = await engine.exec_create(info, config)
    client = await serve(session_id)
    await client.read_head()
    await client.wait_for(b"out\n")
    return session_id, client


async def test_a_client_gets_the_exit_code_though_it_cannot_be_recorded_yet(
    engine: Engine, info: ContainerInfo, serve: Serve, lock_database: sqlite3.Connection
) -> None:
    session_id, client = await _started(engine, info, serve)
    lock_database.execute("BEGIN IMMEDIATE")
    client.writer.write(b"go on\n")
    assert await client.frames() == {1: b"", 2: b""}
    assert await client.result() == HTTPAttachResult(outcome=AttachOutcome.ENDED, exit_code=4)
    lock_database.execute("ROLLBACK")
    assert (await engine.find_session(session_id)).exit_code == 4


async def test_a_failure_after_the_head_is_told_on_the_stream(
    engine: Engine, info: ContainerInfo, serve: Serve, lock_database: sqlite3.Connection
) -> None:
    session_id, client = await _started(engine, info, serve)
    monitor = (await engine.find_session(session_id)).monitor
    assert monitor is not None
    lock_database.execute("BEGIN IMMEDIATE")
    send_signal(monitor, signal.SIGKILL)  # nobody is there to report the exit code
    told = await client.frames()
    result = await client.result()
    lock_database.execute("ROLLBACK")

    assert told[2].startswith(b"Error: cannot use the state database")
    assert (result.outcome, result.exit_code) == (AttachOutcome.FAILED, None)
    assert "database is locked" in result.error
