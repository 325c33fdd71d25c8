"""Sessions of our own that are stuck, and what pruning makes of them."""

from __future__ import annotations

import json
import signal
from collections.abc import Awaitable, Callable

import pytest

from runtime.engine import Engine
from runtime.errors import NoSuchSessionError
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import is_alive, read_stat
from runtime.model import (
    ExecState,
    ProcessIdentity,
    Remedy,
    SessionInfo,
)
from tests.integration.conftest import Exectop, OpenTerminal
from tests.integration.layer.conftest import RunSession

Detached = Callable[..., Awaitable[str]]


async def look(engine: Engine, session_id: str, idle: float | None = None) -> SessionInfo:
    (found,) = [each for each in await engine.sessions(idle_limit=idle) if each.id == session_id]
    return found


def reasons(session: SessionInfo) -> list[tuple[str, str]]:
    return [(each.reason.value, each.certainty.value) for each in session.stuck]


async def processes(engine: Engine, session_id: str) -> tuple[ProcessIdentity, ProcessIdentity]:
    session = await engine.find_session(session_id)
    assert session.process is not None
    assert session.monitor is not None
    return session.process, session.monitor


def suspend(process: ProcessIdentity) -> None:
    send_signal(process, signal.SIGSTOP)
    while (stat := read_stat(process.pid)) is not None and stat.state != "T":
        pass  # the kernel is about to


async def test_a_healthy_one_is_never_touched(
    engine: Engine, start: RunSession, start_detached: Detached, exectop: Exectop
) -> None:
    attached, screen = await start("sh", "-c", "echo there; cat", terminal=True)
    await screen.wait_for(b"there")
    left = await start_detached("sleep", "1000", terminal=True)
    done = exectop("prune", "--force", "--format", "json", "--idle", "8h")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    for session_id in (attached, left):
        assert (await look(engine, session_id)).state is ExecState.RUNNING
        assert (await engine.exec_prune(session_id)).refused == "nothing is the matter with it"
        assert (await look(engine, session_id)).state is ExecState.RUNNING


async def test_one_whose_monitor_was_killed_is_ended_and_forgotten(
    engine: Engine, start_detached: Detached, exectop: Exectop
) -> None:
    session_id = await start_detached("sleep", "1000")
    process, monitor = await processes(engine, session_id)
    send_signal(monitor, signal.SIGKILL)
    assert await wait_ended(monitor, 30)
    assert reasons(await look(engine, session_id)) == [("monitor-died", "certain")]
    dry = exectop("prune", "--dry-run", "--format", "json")
    assert json.loads(dry.stdout)[0]["done"] == ["stop", "remove"]
    assert is_alive(process)
    assert reasons(await look(engine, session_id)) == [("monitor-died", "certain")]

    done = exectop("prune", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)[0]["done"]) == (0, ["stop", "remove"])
    assert not is_alive(process)
    with pytest.raises(NoSuchSessionError):
        await engine.find_session(session_id)


async def test_one_whose_code_was_lost_is_forgotten(
    engine: Engine, start_detached: Detached
) -> None:
    session_id = await start_detached("sleep", "1000")
    process, monitor = await processes(engine, session_id)
    send_signal(monitor, signal.SIGKILL)
    send_signal(process, signal.SIGKILL)
    assert await wait_ended(monitor, 30)
    assert await wait_ended(process, 30)
    assert reasons(await look(engine, session_id)) == [("exit-not-recorded", "certain")]
    assert (await engine.exec_prune(session_id)).done == [Remedy.REMOVE]
    with pytest.raises(NoSuchSessionError):
        await engine.find_session(session_id)


async def test_a_suspended_one_is_ended_and_its_code_recorded(
    engine: Engine, start_detached: Detached
) -> None:
    session_id = await start_detached("sleep", "1000")
    process, _ = await processes(engine, session_id)
    suspend(process)
    assert reasons(await look(engine, session_id)) == [("suspended", "certain")]
    pruned = await engine.exec_prune(session_id)
    assert (pruned.done, pruned.exit_code) == ([Remedy.STOP], 143)
    assert not is_alive(process)
    assert (await engine.find_session(session_id)).exit_code == 143


async def test_a_suspended_one_that_somebody_is_attached_to_is_left_to_them(
    engine: Engine, start: RunSession
) -> None:
    session_id, screen = await start("sh", "-c", "echo there; cat", terminal=True)
    await screen.wait_for(b"there")
    process, _ = await processes(engine, session_id)
    suspend(process)
    assert reasons(await look(engine, session_id)) == [("suspended", "likely")]
    assert "somebody is attached" in (await engine.exec_prune(session_id)).refused
    assert is_alive(process)
    send_signal(process, signal.SIGCONT)
    await screen.attachment.write(b"goes on\n")
    await screen.wait_for(b"goes on")


async def test_an_idle_one_is_ended_where_a_limit_is_set(
    engine: Engine, start: RunSession, exectop: Exectop
) -> None:
    session_id, screen = await start("sh", "-c", "echo there; cat", terminal=True)
    await screen.wait_for(b"there")
    while not (await look(engine, session_id, 0.5)).stuck:
        await engine.wait_changed(0.2)
    assert reasons(await look(engine, session_id, 0.5)) == [("idle", "certain")]
    assert reasons(await look(engine, session_id)) == []
    assert reasons(await look(engine, session_id, 3600)) == []
    done = exectop("prune", "--idle", "0.5s", "--format", "json")
    assert json.loads(done.stdout)[0]["done"] == ["stop"]
    assert await screen.wait_ended() is not None


async def test_on_a_terminal_it_asks_first(
    engine: Engine, start_detached: Detached, in_terminal: OpenTerminal
) -> None:
    session_id = await start_detached("sleep", "1000")
    process, _ = await processes(engine, session_id)
    suspend(process)
    refused = in_terminal("prune")
    refused.wait_for(b"Do this?")
    refused.type(b"n\r")
    assert refused.wait_exit() == 1
    assert is_alive(process)
    agreed = in_terminal("prune")
    agreed.wait_for(b"Do this?")
    agreed.type(b"y\r")
    assert agreed.wait_exit() == 0
    assert not is_alive(process)
    suspend_again = await start_detached("sleep", "1000")
    process, _ = await processes(engine, suspend_again)
    suspend(process)
    assert in_terminal("prune", "--yes").wait_exit() == 0
    assert not is_alive(process)


async def test_a_zombie_s_suspended_monitor_goes_on(
    engine: Engine, start_detached: Detached
) -> None:
    session_id = await start_detached("sleep", "1000")
    process, monitor = await processes(engine, session_id)
    suspend(monitor)
    send_signal(process, signal.SIGKILL)
    while not (found := await look(engine, session_id)).stuck:
        pass
    assert reasons(found) == [("zombie", "certain")]
    assert (await engine.exec_prune(session_id)).done == [Remedy.RESUME_MONITOR]
    assert await wait_ended(monitor, 30)
    assert (await engine.find_session(session_id)).exit_code == 137


async def test_what_holds_a_terminal_that_is_gone_is_ended(
    engine: Engine, start_detached: Detached
) -> None:
    script = "trap '' HUP; sleep 1000 & exit"
    session_id = await start_detached("sh", "-c", script, terminal=True)
    kept = await start_detached("sh", "-c", "sleep 1001 & exit")
    for each in (session_id, kept):
        session = await engine.find_session(each)
        if session.monitor is not None:
            assert await wait_ended(session.monitor, 30)
    orphans = {each.left_by: each for each in await engine.sessions() if each.origin == "orphan"}
    assert reasons(orphans[session_id]) == [("terminal-gone", "certain")]
    assert reasons(orphans[kept]) == []
    pruned = await engine.exec_prune(orphans[session_id].id)
    assert (pruned.done, pruned.error) == ([Remedy.STOP], "")
    (left,) = [each for each in await engine.sessions() if each.origin == "orphan"]
    assert left.id == orphans[kept].id
    await engine.exec_stop(left.id, 0)
