"""Another program holds the database for longer than anybody waits."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import DATABASE, Engine
from runtime.errors import StateError
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import identify, is_alive
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecState
from tests.integration.layer.conftest import monitors_of

PATIENCE = 0.2

Locked = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def locked(engine: Engine, engine_settings: EngineSettings) -> Locked:
    """A context in which another connection holds the write lock; the engine soon gives up."""
    engine._database._busy_timeout = PATIENCE

    @contextlib.contextmanager
    def hold() -> Iterator[None]:
        path = Path(engine_settings.state_dir, DATABASE)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    return hold


async def test_what_has_to_be_recorded_is_refused_clearly_and_works_afterwards(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, locked: Locked
) -> None:
    config = ExecConfig(command=["sleep", "100"])
    created = await engine.exec_create(info, config)
    removed = await engine.exec_create(info, config)
    with locked():
        refused = (
            engine.exec_create(info, config),
            engine.exec_start(created),
            engine.exec_remove(removed),
        )
        for attempt in refused:
            with pytest.raises(StateError, match="locked") as caught:
                await attempt
            assert "another program holds it" in caught.value.hint
        overview = await engine.overview()
        assert {each.id for each in overview.sessions} == {created, removed}
        for pid in monitors_of(engine_settings.run_dir):
            assert await wait_ended(identify(pid), 60)

    # What was started without a record was ended, and is found by the next look.
    overview = await engine.overview()
    lines = {each.id: each for each in overview.sessions}
    assert set(lines) == {created, removed}
    assert (lines[created].state, lines[created].exit_code) == (ExecState.STOPPED, 137)
    assert lines[removed].state is ExecState.CREATED
    await engine.exec_start(removed)
    await engine.exec_stop(removed, 0)
    assert (await engine.find_session(removed)).exit_code == 137
    await engine.exec_remove(created)
    await engine.exec_remove(removed)
    assert await engine.sessions() == []


async def test_a_running_session_is_not_harmed(
    engine: Engine, start: Any, locked: Locked, watch: Any
) -> None:
    script = "while read x; do echo got-$x; [ $x = end ] && exit 9; done"
    session_id, output = await start("sh", "-c", script, terminal=True)
    with locked():
        await output.attachment.write(b"one\n")
        await output.wait_for(b"got-one")
        other = watch(await engine.attach(session_id))
        await other.wait_for(b"got-one")
        await other.leave()
        await output.attachment.write(b"end\n")
        assert await output.wait_ended() == 9
        await output.leave()
        (line,) = (await engine.overview()).sessions
        assert line.state is ExecState.RUNNING  # as recorded

    (line,) = (await engine.overview()).sessions
    assert (line.state, line.exit_code) == (ExecState.STOPPED, 9)


async def test_lists_say_that_they_are_not_up_to_date(
    engine: Engine, start_detached: Any, locked: Locked
) -> None:
    session = await engine.find_session(await start_detached("sleep", "100"))
    assert session.process is not None
    with locked():
        send_signal(session.process, signal.SIGTERM)
        assert await wait_ended(session.monitor, 60)
        overview = await engine.overview()
        assert [each.id for each in overview.sessions] == [session.id]
        (problem,) = overview.problems
        assert "as last recorded" in problem
        assert "locked" in problem
    overview = await engine.overview()
    assert overview.problems == []
    assert [each.exit_code for each in overview.sessions] == [143]


async def test_a_stop_ends_the_processes_and_is_recorded_later(
    engine: Engine, start_detached: Any, locked: Locked
) -> None:
    session = await engine.find_session(await start_detached("sleep", "100"))
    with locked():
        with pytest.raises(StateError, match="locked"):
            await engine.exec_stop(session.id, 0)
        assert not is_alive(session.process)
    assert (await engine.find_session(session.id)).exit_code == 137
