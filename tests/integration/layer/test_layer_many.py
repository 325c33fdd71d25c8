"""Several programs at work on one container at once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.engine import Engine
from runtime.kernel.proc import all_stats
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


async def _run(code: str, settings: EngineSettings, *words: str) -> str:
    """Run Python with an engine's settings as its first word; gives what it says."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", code, msgspec.json.encode(settings).decode()),
        *words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    try:
        said, errors = await program.communicate()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    assert errors.decode() == ""
    return said.decode()


async def test_three_programs_on_one_container_lose_nothing(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, start_detached: Any
) -> None:
    kept = await start_detached("sleep", "100")
    async with asyncio.timeout(90):
        said = await asyncio.gather(*(_run(WORKER, engine_settings, info.id) for _ in range(3)))
    assert said == ["done\n"] * 3

    (session,) = await engine.sessions()
    assert (session.id, session.state) == (kept, ExecState.RUNNING)


# Does what it likes with any session of any container, together with others that do the same.
ROUGH = """
import asyncio, random, sys, msgspec
from runtime.engine import Engine
from runtime.errors import NoSuchSessionError, SessionStateError
from runtime.model import EngineSettings, ExecConfig, TerminalSize

async def operate(engine, containers, pick):
    sessions = await engine.sessions()
    session = pick.choice(sessions).id if sessions else ""
    verb = pick.choice(
        ["create", "start", "run", "attach", "resize", "stop", "cleanup", "remove", "force"]
    )
    if verb == "create" or not session:
        command = pick.choice([["sleep", "1000"], ["true"], ["sh", "-c", "exit 3"]])
        config = ExecConfig(command=command, terminal=pick.random() < 0.5)
        await engine.exec_create(pick.choice(containers), config)
    elif verb == "start":
        await engine.exec_start(session)
    elif verb == "run":
        await engine.exec(pick.choice(containers), ExecConfig(command=["true"]))
    elif verb == "attach":
        await (await engine.attach(session)).close()
    elif verb == "resize":
        size = TerminalSize(rows=pick.randint(5, 90), columns=pick.randint(5, 200))
        await engine.exec_resize(session, size)
    elif verb == "stop":
        await engine.exec_stop(session, pick.choice([0, 1]))
    elif verb == "cleanup":
        await engine.exec_cleanup(session)
    else:
        await engine.exec_remove(session, force=verb == "force")

async def main():
    settings = msgspec.json.decode(sys.argv[1], type=EngineSettings)
    pick = random.Random(int(sys.argv[2]))
    done = 0
    async with Engine(settings) as engine:
        containers = await engine.containers()
        assert len(containers) == 3
        for _ in range(50):
            try:
                await operate(engine, containers, pick)
                done += 1
            except (NoSuchSessionError, SessionStateError):
                pass  # another was quicker, or it was the wrong moment: as it should be
    print("done", done)

asyncio.run(main())
"""


@pytest.mark.timeout(300)
async def test_eight_programs_do_what_they_like_and_the_records_stay_true(
    engine: Engine, engine_settings: EngineSettings, make_container: Any
) -> None:
    for runtime in ("runc", "crun", "runc"):
        make_container(runtime)
    async with asyncio.timeout(200):
        said = await asyncio.gather(*(_run(ROUGH, engine_settings, str(seed)) for seed in range(8)))
    assert min(int(each.split()[1]) for each in said) > 10

    async with asyncio.timeout(20):
        while True:
            await engine.recover()
            running = [each for each in await engine.sessions() if each.state is ExecState.RUNNING]
            bundles = {path.name for path in Path(engine_settings.run_dir).glob("bundles/*/*")}
            if bundles == {each.id for each in running}:
                break
            await asyncio.sleep(0.05)
    stats = {each.pid: each.start_time for each in all_stats() if not each.ended}
    assert all(stats.get(each.pid) == each.start_time for each in running)
