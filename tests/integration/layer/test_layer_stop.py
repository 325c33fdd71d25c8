"""Stopping, cleaning up and removing sessions, and the events that tell of it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import (
    AmbiguousReferenceError,
    NoSuchContainerError,
    NoSuchSessionError,
    SessionStateError,
)
from runtime.kernel.cmdline import command_line
from runtime.kernel.environ import pid_namespace
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import all_stats, is_alive
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    EventName,
    ExecConfig,
    ExecState,
    ProcessIdentity,
    TerminalSize,
)
from tests.integration.layer.conftest import DEAF, SIZE


async def test_stop_sends_term_first(engine: Engine, start: Any) -> None:
    session_id, output = await start("sh", "-c", "trap 'exit 42' TERM; echo ready; sleep 9 & wait")
    await output.wait_for(b"ready")

    steps = [step async for step in engine.exec_stop_steps(session_id, 20)]

    assert [step.phase for step in steps][-1] == "stopped"
    assert "kill" not in [step.phase for step in steps]
    assert steps[-1].exit_code == 42
    assert await output.wait_ended() == 42


@pytest.mark.parametrize("terminal", [False, True])
async def test_stop_kills_what_does_not_listen(engine: Engine, start: Any, terminal: bool) -> None:
    session_id, output = await start(*DEAF, terminal=terminal)
    await output.wait_for(b"ready")

    steps = [step async for step in engine.exec_stop_steps(session_id, 0.6)]

    phases = [step.phase for step in steps]
    assert phases[0] == "term"
    assert phases[-2:] == ["kill", "stopped"]
    remaining = [step.remaining for step in steps if step.phase == "term"]
    assert remaining == sorted(remaining, reverse=True)
    assert (await engine.find_session(session_id)).exit_code == 137
    assert await output.wait_ended() == 137


async def test_stop_with_no_time_kills_at_once(engine: Engine, start_detached: Any) -> None:
    session_id = await start_detached("sleep", "100")

    steps = [step async for step in engine.exec_stop_steps(session_id, 0)]

    assert [step.phase for step in steps] == ["kill", "stopped"]
    assert steps[-1].exit_code == 137


async def test_stop_ends_the_whole_tree_and_nothing_else(
    engine: Engine, start: Any, start_detached: Any, container: Any
) -> None:
    other = await start_detached("sleep", "1000")
    session_id, output = await start(
        "sh",
        "-c",
        "sleep 771 & (trap '' TERM; sleep 772) & sh -c 'sleep 773 & wait' & echo ready; wait",
        terminal=True,
    )
    await output.wait_for(b"ready")
    leader = (await engine.find_session(session_id)).process
    assert leader is not None
    async with asyncio.timeout(10):
        while len(tree := [each for each in all_stats() if each.session == leader.pid]) < 5:
            await asyncio.sleep(0.01)

    await engine.exec_stop(session_id, 1)

    assert [each for each in tree if is_alive(each.identity)] == []
    assert (await engine.find_session(other)).state is ExecState.RUNNING
    assert is_alive(container.init)


async def test_only_a_running_session_can_be_stopped(
    engine: Engine, info: ContainerInfo, start: Any
) -> None:
    created = await engine.exec_create(info, ExecConfig(command=["true"]))
    with pytest.raises(SessionStateError, match="created"):
        await engine.exec_stop(created)
    ended, output = await start("true")
    await output.wait_ended()
    with pytest.raises(SessionStateError, match="already ended"):
        await engine.exec_stop(ended)


async def test_remove_refuses_a_running_session_unless_forced(
    engine: Engine, start_detached: Any
) -> None:
    session_id = await start_detached("sleep", "100")
    process = (await engine.find_session(session_id)).process

    with pytest.raises(SessionStateError, match="running"):
        await engine.exec_remove(session_id)
    assert is_alive(process)

    await engine.exec_remove(session_id, force=True)
    assert not is_alive(process)
    with pytest.raises(NoSuchSessionError):
        await engine.find_session(session_id)


async def test_a_session_that_has_just_ended_is_removed_without_force(
    engine: Engine, start_detached: Any
) -> None:
    session_id = await start_detached("sh", "-c", "exit 3")
    session = await engine.find_session(session_id)
    async with asyncio.timeout(10):
        while is_alive(session.process) or is_alive(session.monitor):
            await asyncio.sleep(0.01)

    await engine.exec_remove(session_id)
    assert await engine.sessions() == []


async def test_cleanup_refuses_a_running_session_and_keeps_the_record(
    engine: Engine, start_detached: Any, engine_settings: EngineSettings
) -> None:
    session_id = await start_detached("sleep", "100")
    with pytest.raises(SessionStateError, match="running"):
        await engine.exec_cleanup(session_id)
    assert len(list(Path(engine_settings.run_dir, "bundles").glob("*/*"))) == 1

    await engine.exec_stop(session_id, 0)
    await engine.exec_cleanup(session_id)
    assert list(Path(engine_settings.run_dir, "bundles").glob("*/*")) == []
    assert (await engine.find_session(session_id)).state is ExecState.STOPPED


async def test_daemons_of_a_session_are_found_and_ended(
    engine: Engine, start: Any, container: Any
) -> None:
    script = (
        "setsid sleep 881 & setsid sh -c 'sleep 882 & exit' & "
        "(setsid sh -c 'trap \"\" TERM; sleep 883 & wait' &) ; sleep 0.3; echo ready; sleep 884"
    )
    session_id, output = await start("sh", "-c", script)
    await output.wait_for(b"ready")

    rules: dict[str, set[str]] = {}
    async for step in engine.exec_stop_steps(session_id, 0.5):
        for each in step.processes:
            rules.setdefault(each.rule, set()).add(each.command)

    assert {"leader", "parentage", "marker"} <= set(rules)
    inside = pid_namespace(container.pid)
    left = [each for each in all_stats() if pid_namespace(each.pid) == inside]
    arguments = [word for each in left for word in command_line(each.pid)]
    assert [word for word in arguments if word.startswith("88")] == []
    assert is_alive(container.init)


async def test_events_tell_what_happened_and_who_did_it(engine: Engine, start: Any) -> None:
    session_id, output = await start("sh", "-c", "read x; exit 3", terminal=True, size=SIZE)
    await engine.exec_resize(session_id, TerminalSize(rows=30, columns=90))
    await output.attachment.write(b"\n")
    assert await output.wait_ended() == 3
    await engine.exec_cleanup(session_id)
    await engine.exec_remove(session_id)

    events = engine.events(session_id=session_id)
    names = [event.name for event in events]
    assert names == [
        EventName.CREATE,
        EventName.START,
        EventName.ATTACH,
        EventName.RESIZE,
        EventName.DIED,
        EventName.CLEANUP,
        EventName.REMOVE,
    ]
    died = events[names.index(EventName.DIED)]
    assert died.exit_code == 3
    assert {(event.client.uid, event.client.pid) for event in events} == {(0, os.getpid())}


async def test_a_viewer_of_a_session_that_was_removed_still_gets_its_exit_code(
    engine: Engine, engine_settings: EngineSettings, start: Any
) -> None:
    session_id, output = await start("sh", "-c", "read x; exit 6", terminal=True, size=SIZE)
    async with Engine(engine_settings) as other:
        await output.attachment.write(b"\n")
        async with asyncio.timeout(10):
            while (await other.find_session(session_id)).state is ExecState.RUNNING:
                await asyncio.sleep(0.01)
        await other.exec_remove(session_id)
    assert await output.wait_ended() == 6


async def test_a_reused_pid_is_never_signalled(engine: Engine, start_detached: Any) -> None:
    victim = await start_detached("sleep", "100")
    session = await engine.find_session(victim)
    assert session.process is not None
    imposter = ProcessIdentity(pid=session.process.pid, start_time=session.process.start_time + 1)

    assert send_signal(imposter, signal.SIGKILL) is False
    assert is_alive(session.process)


async def test_references_are_names_and_unique_prefixes(
    engine: Engine, start_detached: Any, container: Any
) -> None:
    first = await start_detached("sleep", "100")
    second = await start_detached("sleep", "100")

    assert (await engine.find_session(first[:20])).id == first
    assert (await engine.find_session(second)).id == second
    assert (await engine.find_container(container.id[:-1])).id == container.id
    with pytest.raises(NoSuchSessionError):
        await engine.find_session("")
    with pytest.raises(NoSuchContainerError):
        await engine.find_container("no-such-container")
    common = next((n for n in range(64) if first[n] != second[n]), 64)
    if common:
        with pytest.raises(AmbiguousReferenceError):
            await engine.find_session(first[:common])
