"""Leaving a session and coming back: nothing lost, nothing doubled, whoever comes back."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.engine import Engine
from runtime.errors import SessionStateError
from runtime.model import (
    CaughtUp,
    ContainerInfo,
    EngineSettings,
    ExecConfig,
    ExecState,
    Output,
    SizeChanged,
    TerminalSize,
)

SIZE = TerminalSize(rows=24, columns=80)

# A program of its own that starts a session, types into it, says its id, and waits to be killed.
STARTER = """
import asyncio, sys, msgspec
from runtime.engine import Engine
from runtime.model import EngineSettings, ExecConfig, Output, TerminalSize

async def main():
    settings = msgspec.json.decode(sys.argv[1], type=EngineSettings)
    async with Engine(settings) as engine:
        container = await engine.find_container(sys.argv[2])
        session = await engine.exec_create(container, ExecConfig(command=["sh"], terminal=True))
        attachment = await engine.exec_start_and_attach(session, TerminalSize(rows=24, columns=80))
        await attachment.write(b"cd /tmp; echo from-the-first-$((1+1))\\n")
        async for event in attachment.events():
            if isinstance(event, Output) and b"from-the-first-2" in event.data:
                print(session, flush=True)

asyncio.run(main())
"""


async def test_a_shell_is_left_and_come_back_to(engine: Engine, start: Any, watch: Any) -> None:
    session_id, first = await start("sh", terminal=True, size=SIZE)
    await first.attachment.write(b"cd /tmp; echo first-$((20+1))\n")
    await first.wait_for(b"first-21")
    await first.leave()
    assert (await engine.find_session(session_id)).state is ExecState.RUNNING

    second = watch(await engine.attach(session_id))
    await second.wait_for(b"first-21")
    await second.attachment.write(b"pwd; exit 4\n")

    assert await second.wait_ended() == 4
    assert b"/tmp\r\n" in second.data
    assert second.data.startswith(first.data)


async def test_what_is_printed_while_nobody_looks_is_there_later(
    engine: Engine, start_detached: Any, watch: Any
) -> None:
    session_id = await start_detached(
        "sh", "-c", "for i in 1 2 3; do echo line $i; done; sleep 100", terminal=True
    )
    await asyncio.sleep(0.3)

    output = watch(await engine.attach(session_id))
    await output.wait_caught_up()

    assert output.data == b"line 1\r\nline 2\r\nline 3\r\n"
    replayed = [event.replay for event in output.events if isinstance(event, Output)]
    assert all(replayed)
    assert output.events[-1] == CaughtUp()


@pytest.mark.parametrize("terminal", [True, False])
async def test_coming_back_amid_a_flood_loses_and_doubles_nothing(
    engine: Engine, start_detached: Any, watch: Any, terminal: bool
) -> None:
    count = 60_000
    session_id = await start_detached("seq", str(count), terminal=terminal)

    outputs = []
    for _ in range(4):
        try:
            outputs.append(watch(await engine.attach(session_id)))
        except SessionStateError:
            break  # it was quicker than us
        await asyncio.sleep(0.01)

    newline = b"\r\n" if terminal else b"\n"
    expected = b"".join(b"%d%s" % (number, newline) for number in range(1, count + 1))
    for output in outputs:
        assert await output.wait_ended() == 0
        assert output.data == expected
    assert outputs


async def test_a_session_survives_its_program_s_kill_9(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, watch: Any
) -> None:
    settings = msgspec.json.encode(engine_settings).decode()
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STARTER, settings, info.id),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert program.stdout is not None
    session_id = (await program.stdout.readline()).decode().strip()
    assert (await engine.sessions())[0].attached == 1
    program.send_signal(signal.SIGKILL)
    await program.wait()

    (session,) = await engine.sessions()
    assert (session.state, session.attached) == (ExecState.RUNNING, 0)
    output = watch(await engine.attach(session_id))
    await output.wait_for(b"from-the-first-2\r\n")
    await output.attachment.write(b"pwd; exit 9\n")
    assert await output.wait_ended() == 9
    assert b"/tmp\r\n" in output.data


async def test_two_viewers_see_the_same_and_both_type(
    engine: Engine, start: Any, watch: Any
) -> None:
    session_id, first = await start("sh", terminal=True, size=SIZE)
    second = watch(await engine.attach(session_id))
    await first.attachment.write(b"echo one-$((1+1))\n")
    await second.wait_for(b"one-2")
    await second.attachment.write(b"echo two-$((1+2))\n")
    await first.wait_for(b"two-3")
    assert (await engine.sessions())[0].attached == 2

    await second.leave()
    await first.attachment.write(b"exit 0\n")
    assert await first.wait_ended() == 0
    assert first.data.startswith(second.data)


async def test_a_viewer_that_reads_nothing_stops_nobody(
    engine: Engine, start_detached: Any, watch: Any
) -> None:
    session_id = await start_detached("sh", "-c", "sleep 0.5; seq 200000", terminal=True)
    stuck = await engine.attach(session_id)
    events = stuck.events()
    await anext(events)  # it begins, and then takes nothing more
    output = watch(await engine.attach(session_id))

    assert await output.wait_ended(60) == 0
    assert output.data.endswith(b"\r\n200000\r\n")
    await events.aclose()
    await stuck.close()


async def test_the_replay_tells_the_sizes_output_was_printed_at(
    engine: Engine, start: Any, watch: Any
) -> None:
    session_id, first = await start("sh", terminal=True, size=SIZE)
    await first.attachment.write(b"stty size\n")
    await first.wait_for(b"24 80\r\n")
    await engine.exec_resize(session_id, TerminalSize(rows=50, columns=132))
    await first.attachment.write(b"stty size\n")
    await first.wait_for(b"50 132\r\n")
    await first.leave()

    second = watch(await engine.attach(session_id))
    await second.wait_for(b"50 132\r\n")
    at_size: dict[TerminalSize, bytes] = {}
    size = SIZE
    for event in second.events:
        if isinstance(event, SizeChanged):
            size = event.size
        elif isinstance(event, Output):
            at_size[size] = at_size.get(size, b"") + event.data
    assert b"24 80\r\n" in at_size[SIZE]
    assert b"50 132\r\n" in at_size[TerminalSize(rows=50, columns=132)]


async def test_kept_output_is_bounded_and_says_so(
    engine_settings: EngineSettings, container: Any, engine: Engine, watch: Any
) -> None:
    small = msgspec.structs.replace(engine_settings, kept_output=64 * 1024)
    async with Engine(small) as bounded:
        info = await bounded.find_container(container.id)
        config = ExecConfig(command=["sh", "-c", "seq 50000; sleep 100"], terminal=True)
        session_id = await bounded.exec_create(info, config)
        await bounded.exec_start(session_id)
        async with asyncio.timeout(20):
            while b"50000\r\n" not in await _kept(bounded, session_id, watch):
                await asyncio.sleep(0.05)
        output = watch(await bounded.attach(session_id))
        await output.wait_caught_up()
        await output.leave()
    assert len(output.data) <= 64 * 1024
    numbers = [int(number) for number in re.findall(rb"(\d+)\r\n", output.data)][1:]
    assert numbers == list(range(numbers[0], 50001))
    assert CaughtUp(truncated=True) in output.events


async def _kept(engine: Engine, session_id: str, watch: Any) -> bytes:
    output = watch(await engine.attach(session_id))
    await output.wait_caught_up()
    await output.leave()
    return bytes(output.data)


async def test_only_a_running_session_can_be_attached_to(
    engine: Engine, info: ContainerInfo, start: Any
) -> None:
    created = await engine.exec_create(info, ExecConfig(command=["true"]))
    with pytest.raises(SessionStateError, match="created"):
        await engine.attach(created)
    ended, output = await start("true")
    await output.wait_ended()
    with pytest.raises(SessionStateError, match="stopped"):
        await engine.attach(ended)


async def test_input_after_the_end_is_an_error_that_can_be_shown(start: Any) -> None:
    _, output = await start("true", terminal=True)
    await output.wait_ended()

    with pytest.raises(SessionStateError, match="no more input"):
        await output.attachment.write(b"too late")
