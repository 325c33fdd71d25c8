"""The container is removed, started anew or paused while it has sessions."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import (
    ContainerStateError,
    NoSuchContainerError,
    NoSuchSessionError,
    SessionStateError,
)
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import is_alive
from runtime.model import ContainerInfo, ContainerState, EventName, ExecConfig, ExecState
from tests.integration.layer.conftest import DEAF, wait_settled

ASKED_TO_END = ("sh", "-c", "trap 'exit 42' TERM; echo ready; while :; do sleep 0.1; done")


async def test_sessions_of_a_deleted_container_are_stopped_and_can_be_removed(
    engine: Engine, info: ContainerInfo, container: Any, start: Any, start_detached: Any
) -> None:
    created = await engine.exec_create(info, ExecConfig(command=["true"]))
    running = await engine.find_session(await start_detached("sleep", "100"))
    stopped, output = await start("sh", "-c", "exit 3")
    assert await output.wait_ended() == 3

    container.delete()

    assert (await wait_settled(engine, running)).exit_code == 137
    with pytest.raises(NoSuchContainerError):
        await engine.exec_start(created)
    lines = {each.id: each for each in await engine.sessions()}
    assert {each.state for each in lines.values()} == {ExecState.STOPPED}
    codes = {name: lines[name].exit_code for name in (created, running.id, stopped)}
    assert codes == {created: None, running.id: 137, stopped: 3}
    died = [each for each in engine.events(session_id=created) if each.name is EventName.DIED]
    assert [each.detail for each in died] == ["its container ended before it was started"]
    for session_id in lines:
        await engine.exec_remove(session_id)
    assert await engine.sessions() == []


async def test_a_viewer_of_a_session_gets_its_end_when_the_container_is_deleted(
    container: Any, start: Any
) -> None:
    _, with_terminal = await start(*DEAF, terminal=True)
    _, plain = await start(*DEAF)
    for output in (with_terminal, plain):
        await output.wait_for(b"ready")

    container.delete()

    assert await with_terminal.wait_ended() == 137
    assert await plain.wait_ended() == 137


async def test_a_container_started_anew_has_no_sessions_of_its_earlier_run(
    engine: Engine, info: ContainerInfo, container: Any, make_container: Any, start_detached: Any
) -> None:
    created = await engine.exec_create(info, ExecConfig(command=["true"]))
    untouched = await engine.exec_create(info, ExecConfig(command=["true"]))
    running = await engine.find_session(await start_detached("sleep", "100"))
    container.delete()
    again = make_container(container.runtime, container_id=container.id)
    assert again.init != container.init

    # Asked for before any list has looked at it, and after.
    with pytest.raises(SessionStateError, match="started anew") as caught:
        await engine.exec_start(created)
    assert caught.value.hint
    assert (await wait_settled(engine, running)).exit_code == 137
    overview = await engine.overview()
    assert {each.state for each in overview.sessions} == {ExecState.STOPPED}
    with pytest.raises(SessionStateError, match="started anew"):
        await engine.exec_start(untouched)
    for session_id in (created, untouched, running.id):
        await engine.exec_remove(session_id)

    assert is_alive(again.init)
    new = await engine.find_container(container.id)
    assert (new.state, new.init) == (ContainerState.RUNNING, again.init)
    result = await engine.exec(new, ExecConfig(command=["sh", "-c", "exit 5"]))
    assert result.exit_code == 5


async def test_a_paused_container_starts_nothing_and_lets_viewers_in(
    engine: Engine, info: ContainerInfo, container: Any, start: Any, watch: Any
) -> None:
    created = await engine.exec_create(info, ExecConfig(command=["sh", "-c", "exit 4"]))
    running, output = await start("sh", "-c", "echo before; read x; exit 6", terminal=True)
    await output.wait_for(b"before")
    await output.leave()

    container.pause()
    try:
        for begin in (engine.exec_start, engine.exec_start_and_attach):
            with pytest.raises(ContainerStateError, match="paused") as caught:
                await begin(created)
            assert caught.value.hint
        with pytest.raises(ContainerStateError, match="paused"):
            await engine.exec_create(info, ExecConfig(command=["true"]))
        overview = await engine.overview()
        assert [each.state for each in overview.containers] == [ContainerState.PAUSED]
        states = {each.id: each.state for each in overview.sessions}
        assert states == {created: ExecState.CREATED, running: ExecState.RUNNING}
        output = watch(await engine.attach(running))
        await output.wait_for(b"before")
        await output.attachment.write(b"\n")
    finally:
        container.resume()
    assert await output.wait_ended() == 6
    await engine.exec_start(created)
    assert (await wait_settled(engine, await engine.find_session(created))).exit_code == 4


async def test_a_session_that_is_asked_to_end_while_paused_does_so_once_it_goes_on(
    engine: Engine, container: Any, start: Any
) -> None:
    session_id, output = await start(*ASKED_TO_END)
    await output.wait_for(b"ready")
    container.pause()
    resumed = False
    phases = []
    try:
        async for step in engine.exec_stop_steps(session_id, 60):
            phases.append(step.phase)
            if not resumed:
                container.resume()
                resumed = True
    finally:
        if not resumed:
            container.resume()
    assert "kill" not in phases
    assert step.exit_code == 42


@pytest.mark.parametrize("timeout", [0, 0.5])
async def test_a_session_in_a_paused_container_is_ended_by_the_time_it_was_given(
    engine: Engine, info: ContainerInfo, container: Any, start: Any, timeout: float
) -> None:
    session_id, output = await start("sh", "-c", "trap '' TERM; sleep 100 & echo ready; wait")
    await output.wait_for(b"ready")
    container.pause()
    try:
        steps = [step async for step in engine.exec_stop_steps(session_id, timeout)]
        assert [step.phase for step in steps][-2:] == ["kill", "stopped"]
        assert steps[-1].exit_code == 137
        assert (await engine.find_session(session_id)).exit_code == 137
        # Nothing else was let go on.
        now = await engine.find_container(info.id)
        assert (now.state, now.init) == (ContainerState.PAUSED, container.init)
        await engine.exec_remove(session_id)
    finally:
        container.resume()


async def test_all_sessions_of_a_paused_container_are_removed(
    engine: Engine, info: ContainerInfo, container: Any, start_detached: Any
) -> None:
    await engine.exec_create(info, ExecConfig(command=["true"]))
    for _ in range(3):
        await start_detached("sleep", "100", terminal=True)
    container.pause()
    try:
        removing = (engine.exec_remove(each.id, force=True) for each in await engine.sessions())
        await asyncio.gather(*removing)
        assert await engine.sessions() == []
    finally:
        container.resume()


async def test_a_paused_container_can_be_deleted_with_its_sessions(
    engine: Engine, container: Any, start: Any
) -> None:
    session_id, output = await start("sleep", "100", terminal=True)
    container.pause()
    container.delete()
    assert await output.wait_ended() == 137
    await output.leave()
    await engine.exec_remove(session_id)
    with pytest.raises(NoSuchSessionError):
        await engine.find_session(session_id)


async def test_a_process_that_was_frozen_is_not_let_go_unless_it_was_killed(
    engine: Engine, container: Any, start_detached: Any
) -> None:
    session = await engine.find_session(await start_detached("sleep", "100"))
    assert session.process is not None
    container.pause()
    try:
        send_signal(session.process, signal.SIGTERM)
        assert (await engine.inspect(session.id)).process_state == "frozen"
    finally:
        container.resume()
    assert (await wait_settled(engine, session)).exit_code == 143
