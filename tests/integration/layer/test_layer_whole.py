"""Commands run from creation to end in one call, and what a session was created with."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import CommandNotFoundError, ExecTimeoutError, InvalidArgumentError
from runtime.kernel.environ import pid_namespace
from runtime.kernel.proc import all_stats
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecState
from tests.integration.layer.conftest import monitors_of

BOTH: dict[str, Any] = {"attach_stdin": True, "attach_stdout": True, "attach_stderr": True}


async def _nothing_left(engine: Engine, settings: EngineSettings) -> None:
    assert await engine.sessions() == []
    assert list(Path(settings.run_dir, "bundles").glob("*/*")) == []
    async with asyncio.timeout(10):
        while monitors_of(settings.run_dir):
            await asyncio.sleep(0.01)


async def test_a_command_runs_to_its_end_and_leaves_nothing(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings
) -> None:
    config = ExecConfig(command=["sh", "-c", "cat; echo wrong >&2; exit 9"], **BOTH)
    result = await engine.exec(info, config, stdin=b"in and out")

    assert (result.exit_code, result.stdout, result.stderr) == (9, b"in and out", b"wrong\n")
    assert not result.truncated
    await _nothing_left(engine, engine_settings)


async def test_only_attached_streams_are_given(engine: Engine, info: ContainerInfo) -> None:
    command = ["sh", "-c", "echo out; echo err >&2"]
    result = await engine.exec(info, ExecConfig(command=command, attach_stderr=True))
    assert (result.stdout, result.stderr) == (b"", b"err\n")


async def test_output_is_kept_up_to_the_limit(engine: Engine, info: ContainerInfo) -> None:
    config = ExecConfig(command=["seq", "10000"], attach_stdout=True)
    result = await engine.exec(info, config, limit=100)
    assert (result.exit_code, len(result.stdout), result.truncated) == (0, 100, True)


async def test_a_command_that_takes_too_long_is_ended_with_all_it_started(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, container: Any
) -> None:
    config = ExecConfig(command=["sh", "-c", "trap '' TERM; sleep 91 & sleep 92"], **BOTH)
    with pytest.raises(ExecTimeoutError, match=r"longer than 0\.5 s"):
        await engine.exec(info, config, timeout=0.5)

    await _nothing_left(engine, engine_settings)
    inside = pid_namespace(container.pid)
    commands = [each.comm for each in all_stats() if pid_namespace(each.pid) == inside]
    assert sorted(commands) == ["sh", "sleep"]  # the container's own


async def test_a_command_that_is_not_there_leaves_nothing(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings
) -> None:
    with pytest.raises(CommandNotFoundError):
        await engine.exec(info, ExecConfig(command=["no-such-command"]))
    await _nothing_left(engine, engine_settings)


async def test_all_sessions_of_a_container_are_removed(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, start_detached: Any
) -> None:
    await engine.exec_create(info, ExecConfig(command=["true"]))
    for _ in range(3):
        await start_detached("sleep", "100")

    await engine.exec_remove_all(info)
    await _nothing_left(engine, engine_settings)


@pytest.mark.parametrize("delay", [0, 1])
async def test_the_exit_command_is_run_with_the_ids_and_keeps_no_monitor_waiting(
    engine: Engine,
    info: ContainerInfo,
    engine_settings: EngineSettings,
    start_detached: Any,
    short_folder: Path,
    delay: int,
) -> None:
    told = short_folder / "told"
    script = f'echo "$@" > {told}.new; mv {told}.new {told}'
    session_id = await start_detached(
        "true",
        exit_command=["/bin/sh", "-c", script, "sh", "word"],
        exit_command_delay=delay,
    )
    async with asyncio.timeout(10):
        while (await engine.find_session(session_id)).state is ExecState.RUNNING:
            await asyncio.sleep(0.01)
    async with asyncio.timeout(10):
        while monitors_of(engine_settings.run_dir):
            await asyncio.sleep(0.01)
        if delay:
            assert not told.exists()
        while not told.exists():
            await asyncio.sleep(0.02)
    assert told.read_text().split() == ["word", session_id, info.id]


async def test_a_delay_without_exit_command_is_refused(engine: Engine, info: ContainerInfo) -> None:
    with pytest.raises(InvalidArgumentError):
        await engine.exec_create(info, ExecConfig(command=["true"], exit_command_delay=3))
