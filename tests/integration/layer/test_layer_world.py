"""The world does what it likes with a session's files, database and processes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.engine import DATABASE, Engine
from runtime.errors import StateError
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import is_alive
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    ExecConfig,
    ExecSession,
    ExecState,
    TerminalSize,
)

SIZE = TerminalSize(rows=24, columns=80)


async def _wait_stopped(engine: Engine, session_id: str) -> ExecSession:
    async with asyncio.timeout(15):
        while (session := await engine.find_session(session_id)).state is ExecState.RUNNING:
            await asyncio.sleep(0.02)
    return session


def _bundle(settings: EngineSettings, session_id: str) -> Path:
    (found,) = Path(settings.run_dir, "bundles").glob(f"*/{session_id}")
    return found


async def test_a_damaged_database_is_kept_aside_and_running_sessions_are_found_again(
    engine: Engine,
    info: ContainerInfo,
    engine_settings: EngineSettings,
    short_folder: Path,
    watch: Any,
) -> None:
    other = msgspec.structs.replace(engine_settings, state_dir=str(short_folder / "other"))
    async with Engine(other) as first:
        config = ExecConfig(command=["sh"], terminal=True, work_dir="/tmp")
        session_id = await first.exec_create(info, config)
        output = watch(await first.exec_start_and_attach(session_id, SIZE))
        await output.attachment.write(b"echo before-$((1+1))\n")
        await output.wait_for(b"before-2")
        await output.leave()
    database = short_folder / "other" / DATABASE
    damage = b"this is no database at all" * 100
    database.write_bytes(damage)

    async with Engine(other) as second:
        overview = await second.overview()
        assert any("damaged" in problem for problem in overview.problems)
        (line,) = overview.sessions
        assert (line.id, line.state, line.command) == (session_id, ExecState.RUNNING, ["sh"])
        output = watch(await second.attach(session_id))
        await output.wait_for(b"before-2")
        await output.attachment.write(b"pwd; exit 5\n")
        assert await output.wait_ended() == 5
        assert b"/tmp\r\n" in output.data
        await output.leave()
        await second.exec_remove(session_id)
    (kept,) = database.parent.glob(f"{DATABASE}.damaged-*")
    assert kept.read_bytes() == damage


async def test_a_bundle_deleted_by_hand_costs_the_exit_code_only(
    engine: Engine, engine_settings: EngineSettings, start: Any
) -> None:
    session_id, output = await start("sh", "-c", "echo ready; read x; exit 7", terminal=True)
    await output.wait_for(b"ready")
    subprocess.run(["rm", "-rf", _bundle(engine_settings, session_id)], check=True)

    assert (await engine.sessions())[0].state is ExecState.RUNNING
    await output.attachment.write(b"\n")
    # conmon gives up when it cannot write the exit file, and reports nothing then.
    assert await output.wait_ended() is None
    stopped = await _wait_stopped(engine, session_id)
    assert (stopped.exit_code, stopped.process) == (None, None)
    assert b"ready" in output.data


async def test_garbage_in_the_exit_file_is_an_unknown_code(
    engine: Engine, engine_settings: EngineSettings, start_detached: Any, info: ContainerInfo
) -> None:
    session_id = await start_detached("sleep", "100")
    session = await engine.find_session(session_id)
    assert session.monitor is not None
    assert session.process is not None
    send_signal(session.monitor, signal.SIGKILL)
    send_signal(session.process, signal.SIGKILL)
    (_bundle(engine_settings, session_id) / "exit" / info.id).write_bytes(b"\xff 12 monkeys")

    stopped = await _wait_stopped(engine, session_id)
    assert stopped.exit_code is None


async def test_after_a_reboot_nothing_runs_and_no_pid_is_believed(
    engine: Engine, engine_settings: EngineSettings, start_detached: Any
) -> None:
    session_id = await start_detached("sleep", "100")
    process = (await engine.find_session(session_id)).process
    with contextlib.closing(sqlite3.connect(Path(engine_settings.state_dir, DATABASE))) as db:
        db.execute("UPDATE sessions SET boot_id = 'another'")
        db.commit()
    try:
        (line,) = await engine.sessions()
        assert (line.state, line.exit_code, line.pid) == (ExecState.STOPPED, None, 0)
        assert is_alive(process)
    finally:
        assert process is not None
        send_signal(process, signal.SIGKILL)


async def test_a_process_that_is_suspended_can_be_stopped(
    engine: Engine, start_detached: Any
) -> None:
    session_id = await start_detached("sh", "-c", "trap 'exit 21' TERM; sleep 100 & wait")
    process = (await engine.find_session(session_id)).process
    assert process is not None
    await asyncio.sleep(0.2)
    send_signal(process, signal.SIGSTOP)

    steps = [step async for step in engine.exec_stop_steps(session_id, 10)]
    assert "kill" not in [step.phase for step in steps]
    assert steps[-1].exit_code == 21


async def test_a_read_only_state_folder_is_a_clear_error(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, read_only: Path
) -> None:
    broken = msgspec.structs.replace(engine_settings, state_dir=str(read_only))
    with pytest.raises(StateError, match=str(read_only)) as caught:
        async with Engine(broken):
            pass
    assert caught.value.hint


@pytest.fixture
def read_only(short_folder: Path) -> Iterator[Path]:
    """A file system that cannot be written to."""
    with _tmpfs(short_folder / "read-only", "ro") as folder:
        yield folder


@contextlib.contextmanager
def _tmpfs(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
