"""Processes that cannot end, monitors that do not go on, a clock that runs backwards."""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import NoSuchSessionError, StopFailedError
from runtime.kernel.environ import pid_namespace
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import all_stats, is_alive, read_stat
from runtime.model import EventName, ExecSession, ExecState, ProcessIdentity
from runtime.sessions import beginning, ending, recording, settle, stop
from runtime.state import events
from tests.integration.layer.conftest import wait_settled
from tests.integration.layer.stuck_files import StuckFiles

WAIT = 0.3


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never comes is not waited for as long as usual."""
    monkeypatch.setattr(ending, "EXIT_TIMEOUT", WAIT)
    monkeypatch.setattr(settle, "EXIT_TIMEOUT", WAIT)
    monkeypatch.setattr(stop, "_KILL_TIMEOUT", WAIT)


def _processes(session: ExecSession) -> tuple[ProcessIdentity, ProcessIdentity]:
    assert session.process is not None
    assert session.monitor is not None
    return session.process, session.monitor


@pytest.fixture
async def zombie(engine: Engine, start: Any) -> AsyncIterator[ExecSession]:
    """A session whose process has ended, while its monitor is suspended and waits for nobody."""
    script = "setsid sleep 861 & echo ready; exec sleep 862"
    session_id, output = await start("sh", "-c", script)
    await output.wait_for(b"ready")
    await output.leave()
    session = await engine.find_session(session_id)
    process, monitor = _processes(session)
    send_signal(monitor, signal.SIGSTOP)
    send_signal(process, signal.SIGKILL)
    assert await wait_ended(process, 60)
    yield session
    send_signal(monitor, signal.SIGCONT)


async def test_a_zombie_is_listed_as_what_it_is(engine: Engine, zombie: ExecSession) -> None:
    stat = read_stat(zombie.pid)
    assert stat is not None
    assert stat.ended
    (line,) = (await engine.overview()).sessions
    assert (line.state, line.pid) == (ExecState.RUNNING, zombie.pid)
    told = await engine.inspect(zombie.id)
    assert (told.process_state, told.exit_code) == ("zombie", 0)
    assert told.monitor is not None
    assert told.monitor.alive


async def test_stop_says_that_the_monitor_does_not_go_on_and_loses_nothing(
    engine: Engine, zombie: ExecSession, container: Any
) -> None:
    _, monitor = _processes(zombie)
    with pytest.raises(StopFailedError, match=f"conmon {monitor.pid} is stopped") as caught:
        await engine.exec_stop(zombie.id, 60)
    assert "by force" in caught.value.hint
    assert (await engine.find_session(zombie.id)).state is ExecState.RUNNING
    # Even a daemon of it, which only the marker tells of, was ended.
    assert _commands(container).count("sleep") == 1

    send_signal(monitor, signal.SIGCONT)
    assert (await wait_settled(engine, zombie)).exit_code == 137


def _commands(container: Any) -> list[str]:
    inside = pid_namespace(container.pid)
    stats = [each for each in all_stats() if not each.ended]
    return [each.comm for each in stats if pid_namespace(each.pid) == inside]


async def test_removal_by_force_ends_a_monitor_that_does_not_go_on(
    engine: Engine, zombie: ExecSession
) -> None:
    process, monitor = _processes(zombie)
    await engine.exec_remove(zombie.id, force=True)

    assert not is_alive(process)
    assert not is_alive(monitor)
    with pytest.raises(NoSuchSessionError):
        await engine.find_session(zombie.id)
    died = [each for each in engine.events(session_id=zombie.id) if each.name is EventName.DIED]
    assert [each.exit_code for each in died] == [None]


@pytest.fixture
async def stuck_files(container: Any, tmp_path: Any) -> AsyncIterator[StuckFiles]:
    """A file system of which every file is waited for in vain."""
    made = StuckFiles(container.pid)
    await made.greet()
    yield made
    made.close()


async def test_what_the_kernel_does_not_let_go_is_told_of_with_its_state(
    engine: Engine, start_detached: Any, stuck_files: StuckFiles
) -> None:
    session = await engine.find_session(await start_detached("cat", "/tmp/file"))
    await stuck_files.wait_asked()

    for timeout in (WAIT, 0):
        with pytest.raises(StopFailedError) as caught:
            await engine.exec_stop(session.id, timeout)
        assert re.search(
            rf"outlived SIGKILL: {session.pid} \(cat, in uninterruptible sleep\)",
            caught.value.message,
        )
        assert "wchan" in caught.value.hint
    with pytest.raises(StopFailedError):
        await engine.exec_remove(session.id, force=True)
    (line,) = await engine.sessions()
    assert (line.state, line.pid) == (ExecState.RUNNING, session.pid)
    assert (await engine.inspect(session.id)).process_state == "in uninterruptible sleep"

    stuck_files.close()
    # The signal that could not reach it ends it now.
    assert (await wait_settled(engine, session)).exit_code in (137, 143)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A function that sets the clock by which everything is dated."""

    def set_to(now: float) -> None:
        for module in (beginning, recording, events):
            monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: now))

    return set_to


async def test_a_clock_that_runs_backwards_turns_nothing_round(
    engine: Engine, start: Any, set_clock: Callable[[float], None]
) -> None:
    set_clock(2_000_000_000.0)
    session_id, output = await start("sh", "-c", "echo ready; read x; exit 3", terminal=True)
    await output.wait_for(b"ready")
    set_clock(1_000_000_000.0)
    await output.attachment.write(b"\n")
    assert await output.wait_ended() == 3
    await output.leave()

    session = await engine.find_session(session_id)
    assert session.created == session.started == session.finished == 2_000_000_000.0
    told = await engine.inspect(session_id)
    assert told.created == told.started == told.finished == "2033-05-18T03:33:20Z"
    names = [each.name for each in engine.events(session_id=session_id)]
    assert names == [EventName.CREATE, EventName.START, EventName.ATTACH, EventName.DIED]
    assert [each.name for each in engine.events(limit=1)] == [EventName.DIED]
    assert [each.state for each in (await engine.overview()).sessions] == [ExecState.STOPPED]
