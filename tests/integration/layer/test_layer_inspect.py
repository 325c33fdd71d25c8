"""What inspect tells of a session, beside what the world says."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.engine import Engine
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import is_alive, read_stat
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    ExecConfig,
    ExecSession,
    ProcessIdentity,
    TerminalSize,
)
from tests.integration.layer.conftest import wait_settled

SIZE = TerminalSize(rows=24, columns=80)


def _processes(session: ExecSession) -> tuple[ProcessIdentity, ProcessIdentity]:
    assert session.process is not None
    assert session.monitor is not None
    return session.process, session.monitor


async def test_a_running_session_is_told_of_with_its_processes(
    engine: Engine, info: ContainerInfo, start: Any
) -> None:
    session_id, output = await start("sh", "-c", "echo ready; read x", terminal=True, size=SIZE)
    await output.wait_for(b"ready")
    process, monitor = _processes(await engine.find_session(session_id))
    told = await engine.inspect(session_id)

    stat = read_stat(told.pid)
    assert stat is not None
    assert (told.running, told.can_remove, told.exit_code) == (True, False, 0)
    assert (told.start_time, stat.identity) == (stat.start_time, process)
    assert told.monitor is not None
    assert (told.monitor.pid, told.monitor.start_time) == (monitor.pid, monitor.start_time)
    assert told.monitor.alive
    assert told.monitor_alive
    assert (told.attached, told.container_name) == (1, info.name)
    assert told.created <= told.started
    assert told.finished == ""


async def test_who_created_it_is_told_whoever_looks(
    engine: Engine, engine_settings: EngineSettings, start_detached: Any
) -> None:
    session_id = await start_detached("sleep", "100")
    async with Engine(engine_settings) as other:
        told = await other.inspect(session_id)
    assert told.created_by is not None
    assert (told.owner, told.created_by.uid) == (os.getuid(), os.getuid())
    assert told.created_by.pid == os.getpid()


async def test_the_kept_output_is_told_of_while_it_is_there(
    engine: Engine, engine_settings: EngineSettings, start: Any
) -> None:
    session_id, output = await start("sh", "-c", "echo ready; read x", terminal=True, size=SIZE)
    await output.wait_for(b"ready")
    kept = (await engine.inspect(session_id)).kept_output

    assert kept is not None
    log = Path(kept.path)
    assert b"ready" in log.read_bytes()
    assert kept.bytes == log.stat().st_size
    assert (kept.cap, kept.rotated) == (engine_settings.kept_output, False)
    await output.attachment.write(b"\n")
    assert await output.wait_ended() == 0
    told = await engine.inspect(session_id)
    assert (told.kept_output, told.monitor, told.process_state) == (None, None, "")
    assert told.started <= told.finished


async def test_output_beyond_the_cap_is_told_of_as_rotated(
    engine_settings: EngineSettings, info: ContainerInfo, engine: Engine, watch: Any
) -> None:
    small = msgspec.structs.replace(engine_settings, kept_output=20_000)
    async with Engine(small) as other:
        command = ["sh", "-c", "seq 20000; echo ready; read x"]
        session_id = await other.exec_create(info, ExecConfig(command=command, terminal=True))
        output = watch(await other.exec_start_and_attach(session_id, SIZE))
        await output.wait_for(b"ready")
        kept = (await other.inspect(session_id)).kept_output
        await output.leave()
    assert kept is not None
    assert (kept.cap, kept.rotated) == (20_000, True)
    assert kept.bytes < 25_000


@pytest.mark.parametrize("terminal", [False, True])
async def test_what_keeps_no_output_says_so(engine: Engine, start: Any, terminal: bool) -> None:
    session_id, _ = await start("sleep", "100", terminal=terminal)
    kept = (await engine.inspect(session_id)).kept_output
    assert (kept is not None) is terminal


async def test_a_suspended_process_and_a_lost_monitor_are_told_of(
    engine: Engine, outliving: Any
) -> None:
    session, output = outliving
    process, monitor = _processes(session)
    send_signal(process, signal.SIGSTOP)
    send_signal(monitor, signal.SIGKILL)
    assert await output.wait_ended() is None

    told = await engine.inspect(session.id)
    assert (told.state, told.monitor, told.monitor_alive) == ("stopped", None, False)
    assert (told.pid, told.process_state) == (process.pid, "stopped")
    await engine.exec_stop(session.id, 5)
    assert not is_alive(process)
    assert (await wait_settled(engine, session)).exit_code is None
    assert (await engine.inspect(session.id)).exit_code == -1
