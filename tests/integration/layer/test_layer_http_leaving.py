"""Clients that leave a session, in every way they can, and what is refused before it starts."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import (
    ContainerStateError,
    InvalidArgumentError,
    NoSuchSessionError,
    SessionStateError,
)
from runtime.kernel.pidfd import wait_ended
from runtime.model import (
    AttachOutcome,
    ContainerInfo,
    EventName,
    ExecConfig,
    ExecState,
    HTTPAttachResult,
    HTTPAttachStreams,
)
from tests.integration.layer.http_client import PATIENCE, UPGRADE, Serve, serving

BOTH: dict[str, Any] = {"attach_stdin": True, "attach_stdout": True, "attach_stderr": True}
# Reads the response head, says so, and waits to be killed with the connection open.
CLIENT = """
import socket, sys
connection = socket.socket(fileno=int(sys.argv[1]))
assert connection.recv(65536).endswith(b"\\r\\n\\r\\n")
print("attached", flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def serve(engine: Engine) -> AsyncIterator[Serve]:
    async with serving(engine) as serve:
        yield serve


async def _shell(engine: Engine, info: ContainerInfo, **config: Any) -> str:
    return await engine.exec_create(
        info, ExecConfig(command=["sh"], terminal=True, **(BOTH | config))
    )


@pytest.mark.parametrize(
    ("keys", "pieces"),
    [
        (None, [b"\x10\x11"]),
        (None, [b"\x10", b"\x11"]),
        ("ctrl-a,x", [b"\x01", b"x never sent"]),
    ],
)
async def test_the_detach_keys_leave_the_session_running(
    engine: Engine,
    info: ContainerInfo,
    serve: Serve,
    watch: Any,
    keys: str | None,
    pieces: list[bytes],
) -> None:
    session_id = await _shell(engine, info, detach_keys=keys)
    client = await serve(session_id)
    await client.read_head()
    client.writer.write(b"cd /tmp; echo first-$((1+1))\n")
    await client.wait_for(b"first-2\r\n")
    for piece in pieces:
        client.writer.write(piece)
    assert b"never" not in await client.rest()
    assert await client.result() == HTTPAttachResult(outcome=AttachOutcome.DETACHED)

    (line,) = await engine.sessions()
    assert (line.state, line.attached) == (ExecState.RUNNING, 0)
    assert engine.events(session_id=session_id)[-1].name is EventName.DETACH
    output = watch(await engine.attach(session_id))
    await output.wait_for(b"first-2\r\n")
    await output.attachment.write(b"pwd; exit 6\n")
    assert await output.wait_ended() == 6
    assert b"/tmp\r\n" in output.data
    assert b"never" not in output.data


@pytest.mark.parametrize(("keys", "typed"), [("", b"\x10\x11"), (None, b"\x10")])
async def test_what_are_no_detach_keys_reaches_the_program(
    engine: Engine, info: ContainerInfo, serve: Serve, keys: str | None, typed: bytes
) -> None:
    command = ["sh", "-c", f"stty raw -echo; echo ready; head -c {len(typed)} | od -An -tx1"]
    config = ExecConfig(command=command, terminal=True, detach_keys=keys, **BOTH)
    client = await serve(await engine.exec_create(info, config))
    await client.read_head()
    await client.wait_for(b"ready")
    client.writer.write(typed)
    assert (await client.rest()).split() == [b"%02x" % byte for byte in typed]
    assert (await client.result()).outcome is AttachOutcome.ENDED


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("stdin", [False, True])
async def test_a_client_that_is_killed_is_noticed_and_leaves_the_session_running(
    engine: Engine, info: ContainerInfo, terminal: bool, stdin: bool
) -> None:
    config = ExecConfig(
        command=["sleep", "1000"], terminal=terminal, attach_stdin=stdin, attach_stdout=True
    )
    session_id = await engine.exec_create(info, config)
    ours, theirs = socket.socketpair()
    with ours:
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CLIENT, str(ours.fileno())),
            pass_fds=[ours.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    connection = await asyncio.open_connection(sock=theirs)
    task = asyncio.create_task(engine.exec_http_start_and_attach(session_id, connection, UPGRADE))
    assert program.stdout is not None
    assert await program.stdout.readline() == b"attached\n"
    assert (await engine.sessions())[0].attached == 1
    program.send_signal(signal.SIGKILL)
    await program.communicate()

    async with asyncio.timeout(PATIENCE):
        assert await task == HTTPAttachResult(outcome=AttachOutcome.DISCONNECTED)
    (line,) = await engine.sessions()
    assert (line.state, line.attached) == (ExecState.RUNNING, 0)


async def test_what_a_client_sent_before_it_left_is_delivered(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    command = ["sh", "-c", '[ "$(md5sum)" = "$(echo -n "$TEXT" | md5sum)" ] && exit 7']
    text = "x" * 50_000
    config = ExecConfig(command=command, environment={"TEXT": text}, **BOTH)
    session_id = await engine.exec_create(info, config)
    client = await serve(session_id)
    client.writer.write(text.encode())
    await client.writer.drain()
    client.writer.close()
    await client.task

    session = await engine.find_session(session_id)
    await wait_ended(session.process, PATIENCE)
    assert (await engine.find_session(session_id)).exit_code == 7


async def test_a_half_close_of_a_terminal_is_no_leaving(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    session_id = await _shell(engine, info)
    client = await serve(session_id)
    await client.read_head()
    client.writer.write(b"echo still-$((1+1)); read x; exit 5\n")
    client.writer.write_eof()
    await client.wait_for(b"still-2\r\n")
    other = await engine.attach(session_id)
    await other.write(b"go on\n")
    await other.close()
    await client.rest()
    assert await client.result() == HTTPAttachResult(outcome=AttachOutcome.ENDED, exit_code=5)


async def test_a_second_viewer_sees_and_types_the_same(
    engine: Engine, info: ContainerInfo, serve: Serve, watch: Any
) -> None:
    session_id = await _shell(engine, info)
    client = await serve(session_id)
    head = await client.read_head()
    second = watch(await engine.attach(session_id))
    await second.attachment.write(b"echo one-$((1+1))\n")
    seen = await client.wait_for(b"one-2\r\n")
    client.writer.write(b"echo two-$((1+2)); exit 8\n")
    assert await second.wait_ended() == 8
    seen += await client.rest()
    assert head + seen == head + second.data
    assert (await client.result()).exit_code == 8


async def test_being_cancelled_leaves_the_session_running_and_closes_the_connection(
    engine: Engine, info: ContainerInfo, serve: Serve
) -> None:
    session_id = await _shell(engine, info)
    client = await serve(session_id)
    await client.read_head()
    client.writer.write(b"echo here-$((1+1))\n")
    await client.wait_for(b"here-2\r\n")
    client.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.task
    await client.rest()  # to the end
    (line,) = await engine.sessions()
    assert (line.state, line.attached) == (ExecState.RUNNING, 0)


async def test_preconditions_are_checked_in_libpod_s_order(
    engine: Engine, info: ContainerInfo, container: Any, serve: Serve
) -> None:
    none = HTTPAttachStreams()

    async def refused(session_id: str, error: type[Exception], match: str, **options: Any) -> None:
        client = await serve(session_id, **options)
        with pytest.raises(error, match=match):
            await client.task
        client.server[1].write(b"untouched\n")
        assert await client.wait_for(b"\n") == b"untouched\n"

    await refused("f" * 64, NoSuchSessionError, "no exec session", streams=none)
    created = await _shell(engine, info, detach_keys="no such key")
    running = await _shell(engine, info)
    await engine.exec_start(running)
    container.pause()
    try:
        await refused(running, ContainerStateError, "paused", streams=none)
    finally:
        container.resume()
    await refused(running, SessionStateError, "running", streams=none)
    await refused(created, InvalidArgumentError, "unknown key")
    streamless = await engine.exec_create(info, ExecConfig(command=["true"]))
    await refused(streamless, InvalidArgumentError, "no stream")
    # Nothing was tried, so they can still be started rightly.
    for session_id in (created, streamless):
        assert (await engine.find_session(session_id)).state is ExecState.CREATED
    client = await serve(streamless, streams=HTTPAttachStreams(stdout=True))
    await client.read_head()
    assert await client.frames() == {1: b"", 2: b""}
