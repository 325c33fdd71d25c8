"""Locks of sessions: held by another program that goes on, dies, or is suspended."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import LockTimeoutError
from runtime.kernel.flock import locked
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecState, TerminalSize
from runtime.sessions import places
from tests.integration.layer.conftest import StartProgram

SIZE = TerminalSize(rows=24, columns=80)

# Holds a session's lock until it is killed; `lock` is the words for its path, or for a session.
HOLDER = """
import asyncio, sys
from pathlib import Path
from runtime.kernel.flock import locked
from runtime.sessions.places import Places

async def main():
    if sys.argv[1] == "session":
        lock = Places(Path(sys.argv[2])).session_locked(sys.argv[3], sys.argv[4])
    else:
        lock = locked(Path(sys.argv[2]), timeout=5, what="it")
    async with lock:
        print("held", flush=True)
        sys.stdin.readline()

asyncio.run(main())
"""

Hold = Callable[..., Awaitable[Process]]


@pytest.fixture
def hold(start_program: StartProgram) -> Hold:
    """A function that starts a program that holds a lock; it is killed at the end."""
    return functools.partial(start_program, HOLDER, says=b"held\n")


@pytest.fixture
def hold_session(hold: Hold, engine_settings: EngineSettings, info: ContainerInfo) -> Hold:
    """`await hold_session(session_id)`: another program has the session under its lock."""
    return lambda session_id: hold("session", engine_settings.run_dir, info.key, session_id)


@pytest.fixture
def impatient(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a moment only where the layer waits for a minute."""
    original = places.Places.session_locked

    def soon(self: places.Places, key: str, session_id: str, *, timeout: float = 0.0) -> Any:
        return original(self, key, session_id, timeout=min(timeout, 0.1))

    monkeypatch.setattr(places.Places, "session_locked", soon)


async def test_a_suspended_holder_is_named_and_freed_by_its_death(
    engine: Engine,
    info: ContainerInfo,
    hold_session: Hold,
    start_detached: Any,
    impatient: None,
) -> None:
    running = await start_detached("sleep", "100")
    created = await engine.exec_create(info, ExecConfig(command=["sleep", "100"]))
    attempts: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        (created, functools.partial(engine.exec_start, created)),
        (created, functools.partial(engine.exec_remove, created)),
        (created, functools.partial(engine.exec_cleanup, created)),
        (running, functools.partial(engine.exec_remove, running)),
    ]
    for session_id, attempt in attempts:
        holder = await hold_session(session_id)
        holder.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, holder.pid, os.WSTOPPED | os.WNOWAIT)
        with pytest.raises(LockTimeoutError) as caught:
            await attempt()
        assert f"locked by process {holder.pid} ({sys.executable}" in caught.value.message
        assert caught.value.message.endswith(", which is stopped)")
        # Nothing else of the container is held up.
        assert (await engine.exec(info, ExecConfig(command=["true"]))).exit_code == 0

        holder.kill()
        await holder.wait()
    await engine.exec_start(created)
    assert (await engine.find_session(created)).state is ExecState.RUNNING


async def test_a_stop_ends_the_processes_though_the_lock_is_held(
    engine: Engine, hold_session: Hold, start_detached: Any, impatient: None
) -> None:
    session_id = await start_detached("sleep", "100")
    holder = await hold_session(session_id)
    holder.send_signal(signal.SIGSTOP)
    with pytest.raises(LockTimeoutError):
        await engine.exec_stop(session_id, 0)
    holder.kill()
    await holder.wait()
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code) == (ExecState.STOPPED, 137)


async def test_a_list_waits_for_nobody_and_says_what_it_does_not_know(
    engine: Engine, hold_session: Hold, start: Any
) -> None:
    session_id, output = await start("sh", "-c", "echo ready; read x; exit 4", terminal=True)
    await output.wait_for(b"ready")
    holder = await hold_session(session_id)
    holder.send_signal(signal.SIGSTOP)
    await output.attachment.write(b"\n")
    assert await output.wait_ended() == 4

    overview = await engine.overview()
    (line,) = overview.sessions
    assert line.state is ExecState.RUNNING
    (problem,) = [each for each in overview.problems if session_id[:12] in each]
    assert f"process {holder.pid} (" in problem
    assert "which is stopped" in problem

    holder.send_signal(signal.SIGCONT)
    holder.kill()
    await holder.wait()
    overview = await engine.overview()
    assert [(each.state, each.exit_code) for each in overview.sessions] == [(ExecState.STOPPED, 4)]
    assert not any(session_id[:12] in each for each in overview.problems)


async def test_no_lock_is_held_while_attached_nor_while_stopping(
    engine: Engine, engine_settings: EngineSettings, start: Any, info: ContainerInfo
) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
    session_id, output = await start("sh", "-c", script, terminal=True, size=SIZE)
    await output.wait_for(b"ready")
    lock = places.Places(Path(engine_settings.run_dir)).session_locked
    async with lock(info.key, session_id, timeout=0):
        pass
    stopping = engine.exec_stop_steps(session_id, 60)
    assert (await anext(stopping)).phase == "term"
    async with lock(info.key, session_id, timeout=0):
        pass
    await stopping.aclose()
    await engine.exec_stop(session_id, 0)


@pytest.fixture
def twins(short_folder: Path) -> Iterator[tuple[Path, Path]]:
    """Two files of the same inode number on two file systems."""
    with contextlib.ExitStack() as stack:
        files = []
        for name in ("one", "other"):
            folder = short_folder / name
            folder.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "none", str(folder)], check=True)
            stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)
            (folder / "lock").touch()
            files.append(folder / "lock")
        yield files[0], files[1]


async def test_the_holder_of_another_file_of_that_number_is_not_named(
    hold: Hold, twins: tuple[Path, Path], require_root: None
) -> None:
    one, other = twins
    assert one.stat().st_ino == other.stat().st_ino
    wrong, right = await hold("file", str(other)), await hold("file", str(one))
    with pytest.raises(LockTimeoutError) as caught:
        async with locked(one, timeout=0, what="it"):
            pass
    assert f"process {right.pid} (" in caught.value.message
    assert str(wrong.pid) not in caught.value.message
