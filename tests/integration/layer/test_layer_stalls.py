"""Viewers that stop reading: suspended, killed, or busy with something else."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import signal
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from runtime.engine import Engine
from runtime.model import CaughtUp, EngineSettings, ExecState, TerminalSize
from tests.integration.layer.conftest import StartProgram

SIZE = TerminalSize(rows=24, columns=80)

# A viewer in a program of its own. Once the session has printed "flooded" it presses enter; in
# the end it tells the session's exit code and what it saw.
VIEWER = """
import asyncio, hashlib, sys, msgspec
from runtime.engine import Engine
from runtime.model import CaughtUp, Ended, EngineSettings, Output

async def main():
    settings = msgspec.json.decode(sys.argv[1], type=EngineSettings)
    seen = b""
    async with Engine(settings) as engine:
        attachment = await engine.attach(sys.argv[2])
        async for event in attachment.events():
            if isinstance(event, CaughtUp):
                print("attached", flush=True)
            elif isinstance(event, Output):
                seen += event.data
                if event.data.endswith(b"flooded\\r\\n"):
                    await attachment.write(b"\\n")
            elif isinstance(event, Ended):
                print(event.exit_code, hashlib.sha256(seen).hexdigest(), flush=True)
        await attachment.close()

asyncio.run(main())
"""

# Far more than fits into a viewer's socket, but less than is kept.
FLOOD = """
stty -echo; echo ready; read x
yes 0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz | head -n 40000
echo flooded; read x; exit 5
"""

StartViewer = Callable[[str], Awaitable[Process]]


@pytest.fixture
def start_viewer(engine_settings: EngineSettings, start_program: StartProgram) -> StartViewer:
    """A function that starts a viewer in a program of its own; those still there are killed."""
    settings = msgspec.json.encode(engine_settings).decode()
    return functools.partial(start_program, VIEWER, settings, says=b"attached\n")


async def test_a_suspended_viewer_holds_nobody_up_and_misses_nothing(
    start: Any, start_viewer: StartViewer
) -> None:
    session_id, good = await start("sh", "-c", FLOOD, terminal=True, size=SIZE)
    await good.wait_for(b"ready\r\n")
    suspended = await start_viewer(session_id)
    suspended.send_signal(signal.SIGSTOP)

    await good.attachment.write(b"\n")
    await good.wait_for(b"flooded\r\n", 60)

    # It goes on: it sees all of it, and its keyboard works.
    suspended.send_signal(signal.SIGCONT)
    assert await good.wait_ended(60) == 5
    said, _ = await suspended.communicate()
    code, digest = said.split()
    assert code == b"5"
    assert digest.decode() == hashlib.sha256(good.data).hexdigest()
    assert [event for event in good.events if isinstance(event, CaughtUp)] == [CaughtUp()]


async def test_one_that_attaches_to_a_session_that_is_held_up_frees_it(
    engine: Engine, start_detached: Any, start_viewer: StartViewer, watch: Any
) -> None:
    session_id = await start_detached("sh", "-c", FLOOD, terminal=True, size=SIZE)
    suspended = await start_viewer(session_id)
    suspended.send_signal(signal.SIGSTOP)
    first = watch(await engine.attach(session_id))
    await first.attachment.write(b"\n")
    await first.leave()

    second = watch(await engine.attach(session_id))
    await second.wait_for(b"flooded\r\n", 60)


async def test_a_killed_viewer_holds_nobody_up(start: Any, start_viewer: StartViewer) -> None:
    session_id, good = await start("sh", "-c", FLOOD, terminal=True, size=SIZE)
    await good.wait_for(b"ready\r\n")
    suspended, killed = await start_viewer(session_id), await start_viewer(session_id)
    suspended.send_signal(signal.SIGSTOP)
    await good.attachment.write(b"\n")
    for viewer in (killed, suspended):
        viewer.kill()

    await good.wait_for(b"flooded\r\n", 60)
    await good.attachment.write(b"\n")
    assert await good.wait_ended() == 5


async def test_a_session_that_is_held_up_can_be_stopped(
    engine: Engine, start_detached: Any, start_viewer: StartViewer, watch: Any
) -> None:
    session_id = await start_detached("sh", "-c", FLOOD, terminal=True, size=SIZE)
    suspended = await start_viewer(session_id)
    suspended.send_signal(signal.SIGSTOP)
    typing = await engine.attach(session_id)
    await typing.write(b"\n")
    await typing.close()

    await engine.exec_stop(session_id, 0)

    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code) == (ExecState.STOPPED, 137)


async def test_looking_at_the_sessions_frees_one_that_nobody_else_is_attached_to(
    engine: Engine, start: Any, start_viewer: StartViewer
) -> None:
    flood = "stty -echo; echo ready; read x; yes 0123456789 | head -n 99999; exit 6"
    session_id, first = await start("sh", "-c", flood, terminal=True, size=SIZE)
    await first.wait_for(b"ready\r\n")
    suspended = await start_viewer(session_id)
    suspended.send_signal(signal.SIGSTOP)
    await first.attachment.write(b"\n")
    await first.leave()

    async with asyncio.timeout(60):
        while (await engine.sessions())[0].state is ExecState.RUNNING:
            await engine.wait_changed(0.5)
    assert (await engine.find_session(session_id)).exit_code == 6


async def test_a_viewer_that_takes_nothing_does_not_slow_the_session(
    engine: Engine, start_detached: Any, watch: Any
) -> None:
    script = "sleep 0.5; yes 0123456789abcdefghijklmnopqrstuvwxyz0123456789 | head -n 100000"
    session_id = await start_detached("sh", "-c", script, terminal=True)
    stuck = [await engine.attach(session_id) for _ in range(2)]
    events = stuck[0].events()
    await anext(events)  # it begins, and then takes nothing more; the other does not even begin
    output = watch(await engine.attach(session_id))

    assert await output.wait_ended(90) == 0
    assert output.data.count(b"\n") == 100_000
    await events.aclose()
    for each in stuck:
        await each.close()
