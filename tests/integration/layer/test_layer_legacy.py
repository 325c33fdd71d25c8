"""Sessions that an old libpod left: a command and a bare pid, in containers of today."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import DATABASE, Engine
from runtime.errors import (
    ContainerStateError,
    InvalidArgumentError,
    NoSuchSessionError,
    SessionStateError,
)
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import all_stats, identify, is_alive, read_stat
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    EventName,
    ExecState,
    ProcessIdentity,
)
from tests.integration.layer.conftest import recorded

COMMAND = ["sleep", "871"]
ID = secrets.token_hex(32)


def state(pid: int, command: list[str] = COMMAND, session_id: str = ID) -> bytes:
    """libpod's JSON of a container with one legacy session."""
    session = {"id": session_id, "command": command, "pid": pid}
    return json.dumps({"state": 3, "execSessions": {session_id: session}}).encode()


@pytest.fixture
def enter(container: Any, short_folder: Path) -> Callable[..., ProcessIdentity]:
    """A function that runs a command in the container by its runtime alone, as of old."""

    def run(*command: str, where: Any = container) -> ProcessIdentity:
        pid_file = short_folder / "pid"
        words = ["exec", "--detach", "--pid-file", str(pid_file), where.id, *command]
        subprocess.run(
            [where.program, "--root", str(where.root), *words],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
        found = identify(int(pid_file.read_text()))
        assert found is not None
        return found

    return run


def _children(parent: ProcessIdentity) -> list[ProcessIdentity]:
    """Those that are at work in their own program."""
    stats = [each for each in all_stats() if each.ppid == parent.pid and each.comm == "sleep"]
    return [each.identity for each in stats if not each.ended]


async def test_a_legacy_session_is_taken_over_listed_and_stopped_with_its_tree(
    engine: Engine, info: ContainerInfo, enter: Any
) -> None:
    command = ["sh", "-c", "sleep 872 & sleep 873; :"]
    process = enter(*command)
    result = await engine.import_legacy(info, state(process.pid, command))
    assert (result.taken, result.refused) == ([ID], [])

    (line,) = (await engine.overview()).sessions
    assert (line.id, line.origin, line.state) == (ID, "podman", ExecState.RUNNING)
    assert (line.pid, line.start_time) == (process.pid, process.start_time)
    assert (line.command, line.container_key) == (command, info.key)
    told = await engine.inspect(ID)
    assert (told.running, told.monitor, told.created_by) == (True, None, None)
    with pytest.raises(SessionStateError):
        await engine.attach(ID)
    with pytest.raises(SessionStateError, match="running"):
        await engine.exec_remove(ID)
    async with asyncio.timeout(60):
        while len(tree := _children(process)) < 2:
            await asyncio.sleep(0.01)

    steps = [step async for step in engine.exec_stop_steps(ID, 60)]
    assert (steps[-1].phase, steps[-1].exit_code) == ("stopped", None)
    assert [each for each in (process, *tree) if is_alive(each)] == []
    assert await engine.sessions() == []
    names = [each.name for each in engine.events(session_id=ID)]
    assert names == [EventName.START, EventName.STOP, EventName.DIED]


async def test_it_is_forgotten_when_its_process_is_gone(
    engine: Engine, info: ContainerInfo, enter: Any
) -> None:
    process = enter(*COMMAND)
    await engine.import_legacy(info, state(process.pid))
    again = await engine.import_legacy(info, state(process.pid))
    assert (again.taken, again.refused) == ([], [])
    send_signal(process, signal.SIGKILL)
    assert await wait_ended(process, 60)

    assert await engine.sessions() == []
    with pytest.raises(NoSuchSessionError):
        await engine.find_session(ID)
    (died,) = [each for each in engine.events(session_id=ID) if each.name is EventName.DIED]
    assert died.exit_code is None


async def test_it_is_removed_by_force(engine: Engine, info: ContainerInfo, enter: Any) -> None:
    process = enter(*COMMAND)
    await engine.import_legacy(info, state(process.pid))
    await engine.exec_remove(ID, force=True)
    assert not is_alive(process)
    assert await engine.sessions() == []


@contextlib.contextmanager
def _on_host() -> Iterator[int]:
    with subprocess.Popen(COMMAND) as other:
        try:
            yield other.pid
        finally:
            other.kill()


async def test_a_process_that_may_be_another_is_neither_taken_over_nor_touched(
    engine: Engine, info: ContainerInfo, container: Any, enter: Any, make_container: Any
) -> None:
    leader = enter("sh", "-c", "sleep 874 & echo; wait")
    other_command = enter("sleep", "999")
    elsewhere = enter(*COMMAND, where=make_container(container.runtime))
    ended = enter("true")
    assert await wait_ended(ended, 60)
    async with asyncio.timeout(60):
        while not (children := _children(leader)):
            await asyncio.sleep(0.01)
    child = children[0].pid
    with _on_host() as on_host:
        cases = {
            container.pid: (["/init"], "the container's own"),
            child: (["sleep", "874"], "not started from outside"),
            other_command.pid: (COMMAND, "another command"),
            elsewhere.pid: (COMMAND, "not in the container"),
            on_host: (COMMAND, "not in the container"),
            ended.pid: (["true"], "has ended"),
        }
        for pid, (command, reason) in cases.items():
            result = await engine.import_legacy(info, state(pid, command))
            assert result.taken == []
            assert reason in result.refused[0]
        assert await recorded(engine) == []
        assert all(identify(pid) for pid in cases if pid != ended.pid)


@pytest.mark.parametrize("change", ["start_time = start_time + 1", "boot_id = 'another'"])
async def test_once_taken_over_a_reused_pid_is_another_process(
    engine: Engine, info: ContainerInfo, enter: Any, engine_settings: EngineSettings, change: str
) -> None:
    process = enter(*COMMAND)
    await engine.import_legacy(info, state(process.pid))
    with contextlib.closing(sqlite3.connect(Path(engine_settings.state_dir, DATABASE))) as db:
        db.execute(f"UPDATE sessions SET {change}")
        db.commit()

    await engine.exec_stop(ID, 0)
    assert await recorded(engine) == []
    assert is_alive(process)


async def test_where_the_pid_namespace_is_the_host_s_the_parent_must_be_known(
    engine: Engine, make_container: Any, enter: Any, container: Any, short_folder: Path
) -> None:
    shared = make_container(container.runtime, namespaces=("mount", "ipc", "uts"))
    info = await engine.find_container(shared.id)
    # Its parent has ended: a daemon of the container looks just the same.
    adopted = enter(*COMMAND, where=shared)
    result = await engine.import_legacy(info, state(adopted.pid))
    assert (result.taken, len(result.refused)) == ([], 1)
    assert "not started from outside" in result.refused[0]

    pid_file = short_folder / "attended"
    words = [shared.program, "--root", str(shared.root), "exec", "--pid-file", str(pid_file)]
    with subprocess.Popen([*words, shared.id, *COMMAND]):
        async with asyncio.timeout(60):
            while not pid_file.exists() or not _runs(int(pid_file.read_text() or 0)):
                await asyncio.sleep(0.01)
        pid = int(pid_file.read_text())
        result = await engine.import_legacy(info, state(pid))
        assert (result.taken, result.refused) == ([ID], [])
        await engine.exec_stop(ID, 0)
    assert await recorded(engine) == []
    assert is_alive(adopted)
    send_signal(adopted, signal.SIGKILL)


def _runs(pid: int) -> bool:
    stat = read_stat(pid)
    return stat is not None and stat.comm == COMMAND[0]


async def test_a_container_that_does_not_run_has_no_legacy_sessions(
    engine: Engine, info: ContainerInfo, container: Any, enter: Any
) -> None:
    process = enter(*COMMAND)
    await engine.import_legacy(info, state(process.pid))
    container.delete()
    assert await wait_ended(process, 60)
    with pytest.raises(ContainerStateError, match="does not run"):
        await engine.import_legacy(info, state(process.pid))
    assert await recorded(engine) == []


async def test_what_is_no_state_of_libpod_is_refused(engine: Engine, info: ContainerInfo) -> None:
    with pytest.raises(InvalidArgumentError):
        await engine.import_legacy(info, b"no JSON")
    with pytest.raises(InvalidArgumentError):
        await engine.import_legacy(info, state(-1))
    assert await recorded(engine) == []
