"""The program dies between any two effects of any verb; what follows must mend all of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from runtime.engine import Engine
from runtime.errors import NoSuchSessionError
from runtime.kernel.environ import pid_namespace
from runtime.kernel.proc import all_stats, is_alive
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecSession, ExecState
from tests.integration.layer.conftest import monitors_of

CRASHED = 99

# Runs one verb and dies at the given point; every effect has a point before and after it.
CRASHER = """
import asyncio, contextlib, functools, inspect, os, sys, msgspec
from runtime.engine import Engine
from runtime.errors import ExecTimeoutError
from runtime.model import EngineSettings, ExecConfig
import runtime.oci.conmon as conmon, runtime.sessions.starting as starting
import runtime.sessions.no_session as no_session
import runtime.sessions.stop as stop
from runtime.oci.bundle import ExecBundle
from runtime.state.database import Database

settings = msgspec.json.decode(sys.argv[1], type=EngineSettings)
container_id, verb, session_id, crash_at = sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
points = 0

def point():
    global points
    if points == crash_at:
        os._exit(99)
    points += 1

def guarded(function):
    @functools.wraps(function)
    def plain(*args, **named):
        point()
        result = function(*args, **named)
        point()
        return result
    @functools.wraps(function)
    async def waiting(*args, **named):
        point()
        result = await function(*args, **named)
        point()
        return result
    return waiting if inspect.iscoroutinefunction(function) else plain

def guard(owner, *names):
    for name in names:
        setattr(owner, name, guarded(getattr(owner, name)))

guard(ExecBundle, "create", "write_process_spec", "remove")
guard(starting, "begin_log")
guard(conmon._Start, "launch", "go")
guard(conmon, "send", "next_report", "connect", "_unblock_terminal", "wait_ended")
guard(stop, "send_signal")
guard(Database, "write")
guard(no_session, "note_owner", "wait_ended")

async def main():
    async with Engine(settings) as engine:
        if verb == "create":
            container = await engine.find_container(container_id)
            await engine.exec_create(container, ExecConfig(command=["sleep", "1000"]))
        elif verb == "start":
            await engine.exec_start(session_id)
        elif verb == "attach":
            await engine.exec_start_and_attach(session_id)
        elif verb == "stop":
            await engine.exec_stop(session_id, 5)
        elif verb == "cleanup":
            await engine.exec_cleanup(session_id)
        elif verb == "remove":
            await engine.exec_remove(session_id, force=True)
        elif verb == "no_session":
            container = await engine.find_container(container_id)
            config = ExecConfig(command=["sleep", "1000"])
            with contextlib.suppress(ExecTimeoutError):
                await engine.exec_no_session(container, config, timeout=0.1)

asyncio.run(main())
"""


async def _prepare(engine: Engine, info: ContainerInfo, verb: str) -> str:
    config = ExecConfig(command=["sleep", "1000"], terminal=verb == "attach")
    if verb in ("create", "no_session"):
        return ""
    session_id = await engine.exec_create(info, config)
    if verb in ("stop", "remove"):
        await engine.exec_start(session_id)
    return session_id


async def _crash(settings: EngineSettings, info: ContainerInfo, *words: str) -> int:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CRASHER, msgspec.json.encode(settings).decode(), info.id),
        *words,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stderr=subprocess.PIPE,
    )
    _, errors = await program.communicate()
    assert program.returncode in (0, CRASHED), errors.decode()
    return program.returncode


async def _check_world(engine: Engine, settings: EngineSettings, info: ContainerInfo) -> None:
    """After recovery: records, bundles, monitors and processes tell the same story."""
    sessions = await _settled(engine)
    running = [each for each in sessions if each.state is ExecState.RUNNING]
    bundles = {path.name for path in Path(settings.run_dir, "bundles").glob("*/*")}
    assert bundles == {each.id for each in running}
    for each in running:
        assert is_alive(each.process)
        assert is_alive(each.monitor)
    monitors = {each.monitor.pid for each in running if each.monitor}
    assert set(monitors_of(settings.run_dir)) == monitors
    # conmon ends when its starter dies early: then the process is told of without a monitor.
    recorded = {each.pid for each in sessions if each.pid}
    assert set(_sleepers(info)) <= recorded


def _sleepers(info: ContainerInfo) -> list[int]:
    """What sessions have run in the container and lives."""
    inside = pid_namespace(info.pid)
    found = []
    for stat in all_stats():
        try:
            environment = Path(f"/proc/{stat.pid}/environ").read_bytes()
        except OSError:
            continue
        marked = any(each.startswith(b"EXECTOP_SESSION=") for each in environment.split(b"\0"))
        if marked and not stat.ended and pid_namespace(stat.pid) == inside:
            found.append(stat.pid)
    return found


async def _settled(engine: Engine) -> list[ExecSession]:
    """Recover until nothing is left that is about to change by itself."""
    quiet = 0
    async with asyncio.timeout(20):
        while True:
            mended = await engine.recover()
            recorded = [each.id for each in await engine.sessions() if each.recorded]
            sessions = [await engine.find_session(each) for each in recorded]
            monitors = {each.monitor.pid for each in sessions if each.monitor}
            done = not mended and set(monitors_of(engine._settings.run_dir)) == monitors
            quiet = quiet + 1 if done else 0
            if quiet == 3:  # a monitor may have ended between two of these looks
                return sessions
            await asyncio.sleep(0.02)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "verb", ["create", "start", "attach", "stop", "cleanup", "remove", "no_session"]
)
async def test_a_crash_between_any_two_effects_is_mended(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, verb: str
) -> None:
    crashes = 0
    for point in range(200):
        session_id = await _prepare(engine, info, verb)
        code = await _crash(engine_settings, info, verb, session_id, str(point))
        await _check_world(engine, engine_settings, info)
        for each in await engine.sessions():
            await engine.exec_remove(each.id, force=True)
        if session_id:
            with pytest.raises(NoSuchSessionError):
                await engine.find_session(session_id)
        if code == 0:
            break
        crashes += 1
    else:
        pytest.fail("the verb never ran to its end")
    assert crashes >= {"create": 2, "cleanup": 4}.get(verb, 6)
