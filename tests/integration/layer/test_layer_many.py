"""Several programs at work on one container at once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from runtime.engine import Engine
from runtime.model import ContainerInfo, EngineSettings, ExecState

# Runs sessions of all kinds, several at a time, and says how each ended.
WORKER = """
import asyncio, sys, msgspec
from runtime.engine import Engine
from runtime.model import Ended, EngineSettings, ExecConfig

async def attached(engine, container, code):
    config = ExecConfig(command=["sh", "-c", f"exit {code}"], terminal=bool(code % 2))
    session = await engine.exec_create(container, config)
    attachment = await engine.exec_start_and_attach(session)
    async for event in attachment.events():
        if isinstance(event, Ended):
            assert event.exit_code == code, event
    await attachment.close()
    await engine.exec_remove(session)

async def detached(engine, container):
    session = await engine.exec_create(container, ExecConfig(command=["sleep", "100"]))
    await engine.exec_start(session)
    await engine.exec_stop(session, 5)
    await engine.exec_remove(session)

async def main():
    settings = msgspec.json.decode(sys.argv[1], type=EngineSettings)
    async with Engine(settings) as engine:
        container = await engine.find_container(sys.argv[2])
        for round in range(4):
            await asyncio.gather(
                attached(engine, container, round), attached(engine, container, round + 10),
                detached(engine, container), engine.overview(),
            )
    print("done")

asyncio.run(main())
"""


async def test_three_programs_on_one_container_lose_nothing(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, start_detached: Any
) -> None:
    kept = await start_detached("sleep", "100")
    settings = msgspec.json.encode(engine_settings).decode()
    programs = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", WORKER, settings, info.id),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )
        for _ in range(3)
    ]

    for program in programs:
        async with asyncio.timeout(90):
            said, errors = await program.communicate()
        assert (said, errors) == (b"done\n", b"")

    (session,) = await engine.sessions()
    assert (session.id, session.state) == (kept, ExecState.RUNNING)
