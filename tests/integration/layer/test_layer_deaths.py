"""What dies under a session: its container, or its monitor."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import (
    NoSuchContainerError,
    SessionStateError,
)
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import is_alive
from runtime.model import (
    ExecState,
)
from tests.integration.layer.conftest import DEAF, wait_settled


async def test_a_container_that_dies_ends_its_sessions(
    engine: Engine, start: Any, start_detached: Any, container: Any
) -> None:
    attached, output = await start(*DEAF, terminal=True)
    await output.wait_for(b"ready")
    detached = await engine.find_session(await start_detached("sleep", "100"))

    container.kill()

    assert await output.wait_ended() == 137
    assert (await engine.find_session(attached)).exit_code == 137
    assert (await wait_settled(engine, detached)).exit_code == 137


async def test_sessions_of_a_deleted_container_can_still_be_removed(
    engine: Engine, start_detached: Any, container: Any
) -> None:
    session = await engine.find_session(await start_detached("sleep", "100"))
    container.delete()
    with pytest.raises(NoSuchContainerError):
        await engine.find_container(container.id)
    assert (await wait_settled(engine, session)).state is ExecState.STOPPED

    await engine.exec_remove(session.id)
    assert await engine.sessions() == []


async def test_a_killed_monitor_is_seen_and_its_process_can_still_be_ended(
    engine: Engine, outliving: Any
) -> None:
    session, output = outliving
    assert session.monitor is not None
    send_signal(session.monitor, signal.SIGKILL)

    assert await output.wait_ended() is None
    (line,) = await engine.sessions()
    assert (line.state, line.exit_code, line.monitor_alive) == (ExecState.STOPPED, None, False)
    assert line.pid == session.pid
    with pytest.raises(SessionStateError, match="stopped"):
        await engine.attach(session.id)
    with pytest.raises(SessionStateError, match="runs on"):
        await engine.exec_remove(session.id)

    await engine.exec_stop(session.id, 1)
    assert not is_alive(session.process)
    (line,) = await engine.sessions()
    assert (line.state, line.exit_code, line.pid) == (ExecState.STOPPED, None, 0)
    assert (await engine.inspect(session.id)).exit_code == -1
    await engine.exec_remove(session.id)


async def test_removing_by_force_ends_a_process_without_monitor(
    engine: Engine, outliving: Any
) -> None:
    session, output = outliving
    assert session.monitor is not None
    send_signal(session.monitor, signal.SIGKILL)
    await output.wait_ended()

    await engine.exec_remove(session.id, force=True)
    assert not is_alive(session.process)
    assert await engine.sessions() == []


async def test_a_killed_monitor_and_its_process_leave_an_unknown_exit_code(
    engine: Engine, start: Any
) -> None:
    session_id, output = await start("sleep", "100", terminal=True)
    session = await engine.find_session(session_id)
    for process in (session.monitor, session.process):
        assert process is not None
        send_signal(process, signal.SIGKILL)

    await output.wait_ended()
    assert (await wait_settled(engine, session)).state is ExecState.STOPPED
    assert (await engine.sessions())[0].exit_code in (None, 137)
