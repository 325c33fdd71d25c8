"""Commands that run without a record: they leave nothing, whatever becomes of whoever runs them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.demo.launch import LaunchedContainer
from runtime.engine import DATABASE, Engine
from runtime.errors import (
    CommandNotFoundError,
    ContainerStateError,
    ExecTimeoutError,
    InvalidArgumentError,
    StateError,
)
from runtime.kernel.environ import pid_namespace
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import PROC, all_stats, identify
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecResult
from runtime.protocol.process_spec import MARKER
from runtime.sessions.whole import run_to_end
from tests.integration.layer.conftest import monitors_of
from tests.integration.layer.fifos import Signals

BOTH: dict[str, Any] = {"attach_stdin": True, "attach_stdout": True, "attach_stderr": True}
# Runs a command without a record, and is there to be killed meanwhile.
OWNER = """
import asyncio, sys, msgspec
from runtime.engine import Engine
from runtime.model import EngineSettings, ExecConfig

async def main():
    settings = msgspec.json.decode(sys.argv[1], type=EngineSettings)
    async with Engine(settings) as engine:
        container = await engine.find_container(sys.argv[2])
        await engine.exec_no_session(container, ExecConfig(command=["sh", "-c", sys.argv[3]]))

asyncio.run(main())
"""


@pytest.fixture(params=["runc", "crun"])
def container(request: pytest.FixtureRequest, make_container: Any) -> LaunchedContainer:
    """A container that can be written to."""
    made: LaunchedContainer = make_container(request.param, own_rootfs=True)
    return made


@pytest.fixture
def signals(container: LaunchedContainer) -> Iterator[Signals]:
    """The FIFOs of the container."""
    made = Signals(container.rootfs)
    yield made
    made.close()


def _processes(container: LaunchedContainer) -> list[str]:
    """What was run in the container and lives; the container's own processes bear no mark."""
    inside = pid_namespace(container.pid)
    return [
        each.comm
        for each in all_stats()
        if not each.ended and pid_namespace(each.pid) == inside and _is_marked(each.pid)
    ]


def _is_marked(pid: int) -> bool:
    try:
        return f"{MARKER}=".encode() in (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False  # it has just ended


@pytest.fixture
async def nothing_left(
    container: LaunchedContainer, engine: Engine, engine_settings: EngineSettings
) -> AsyncIterator[None]:
    """At the end there is no record, event, bundle, monitor or process of what was run."""
    yield
    assert await engine.recover() == []
    assert await engine.sessions() == []
    assert engine.events() == []
    assert list(Path(engine_settings.run_dir, "bundles").glob("*/*")) == []
    assert monitors_of(engine_settings.run_dir) == []
    assert _processes(container) == []


pytestmark = pytest.mark.usefixtures("nothing_left")


async def test_a_command_runs_to_its_end(engine: Engine, info: ContainerInfo) -> None:
    config = ExecConfig(command=["sh", "-c", "cat; echo wrong >&2; exit 9"], **BOTH)
    result = await engine.exec_no_session(info, config, stdin=b"in and out")
    assert result == ExecResult(exit_code=9, stdout=b"in and out", stderr=b"wrong\n")


async def test_a_terminal_is_a_terminal(engine: Engine, info: ContainerInfo) -> None:
    config = ExecConfig(command=["sh", "-c", "test -t 0 && echo $TERM"], terminal=True)
    result = await engine.exec_no_session(info, config)
    assert (result.exit_code, result.stdout) == (0, b"xterm-256color\r\n")


async def test_a_command_that_takes_too_long_is_ended_with_all_it_started(
    engine: Engine, info: ContainerInfo
) -> None:
    config = ExecConfig(command=["sh", "-c", "trap '' TERM; sleep 91 & sleep 92"])
    with pytest.raises(ExecTimeoutError, match=r"longer than 0\.5 s"):
        await engine.exec_no_session(info, config, timeout=0.5)


async def test_a_command_that_is_given_up_is_ended(
    engine: Engine, info: ContainerInfo, signals: Signals
) -> None:
    config = ExecConfig(command=["sh", "-c", "echo >/told; sleep 93"])
    task = asyncio.create_task(engine.exec_no_session(info, config))
    await signals.told()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_cannot_be_run_is_refused(
    engine: Engine, info: ContainerInfo, container: LaunchedContainer
) -> None:
    with pytest.raises(CommandNotFoundError):
        await engine.exec_no_session(info, ExecConfig(command=["no-such-command"]))
    container.pause()
    try:
        with pytest.raises(InvalidArgumentError, match="needs a command"):
            await engine.exec_no_session(info, ExecConfig(command=[]))
        with pytest.raises(ContainerStateError, match="paused"):
            await engine.exec_no_session(info, ExecConfig(command=["true"], preserve_fd=[999]))
    finally:
        container.resume()
    with pytest.raises(InvalidArgumentError, match="999"):
        await engine.exec_no_session(info, ExecConfig(command=["true"], preserve_fd=[999]))


async def test_nobody_else_touches_it_while_its_owner_lives(
    engine: Engine,
    info: ContainerInfo,
    engine_settings: EngineSettings,
    short_folder: Path,
    signals: Signals,
) -> None:
    script = "echo >/told; read x </go; exit 5"
    config = ExecConfig(command=["sh", "-c", script], **BOTH)
    task = asyncio.create_task(engine.exec_no_session(info, config))
    await signals.told()
    # With the same database, and with a new one, as after the loss of the old.
    lost = msgspec.structs.replace(engine_settings, state_dir=str(short_folder / "new"))
    async with Engine(lost) as other:
        for each in (engine, other):
            assert await each.recover() == []
            assert await each.sessions() == []
    signals.go_on()
    assert (await task).exit_code == 5


async def test_when_conmon_is_killed_the_code_is_unknown_and_the_command_ended(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings
) -> None:
    config = ExecConfig(command=["sleep", "94"], **BOTH)
    async with engine._no_session.attached(info, config) as attachment:
        (monitor,) = map(identify, monitors_of(engine_settings.run_dir))
        assert monitor is not None
        send_signal(monitor, signal.SIGKILL)
        result = await run_to_end(attachment, b"", timeout=30, limit=0)
        assert result.exit_code is None


@pytest.fixture
async def owner(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, signals: Signals
) -> AsyncIterator[Callable[[str], Any]]:
    """`await owner(script)`: a program of its own that runs it, once the script has told."""
    programs: list[asyncio.subprocess.Process] = []

    async def start(script: str) -> asyncio.subprocess.Process:
        settings = msgspec.json.encode(engine_settings).decode()
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", OWNER, settings, info.id, script),
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )
        programs.append(program)
        await signals.told()
        assert await engine.recover() == []
        return program

    yield start
    for each in programs:
        if each.returncode is None:
            each.kill()
            await each.wait()


async def _said(engine: Engine) -> str:
    """What recovery says in the end: as long as the runtime is at work it says nothing."""
    async with asyncio.timeout(30):
        while not (said := await engine.recover()):
            await asyncio.sleep(0.02)
    (sentence,) = said
    return sentence


async def test_after_its_owner_s_kill_9_it_is_ended_and_that_is_said(
    engine: Engine, owner: Callable[[str], Any]
) -> None:
    program = await owner("sleep 96 & sleep 97 & echo >/told; wait")
    program.kill()
    await program.wait()

    said = await _said(engine)
    assert said.endswith(
        "the program that ran it without a record died; 3 processes ended, its files were removed"
    )


async def test_after_its_owner_s_kill_9_it_may_have_ended_by_itself(
    engine: Engine,
    engine_settings: EngineSettings,
    signals: Signals,
    owner: Callable[[str], Any],
) -> None:
    program = await owner("echo >/told; read x </go")
    program.kill()
    await program.wait()
    signals.go_on()
    async with asyncio.timeout(30):
        while monitors_of(engine_settings.run_dir):
            await asyncio.sleep(0.01)

    said = await _said(engine)
    assert said.endswith("the program that ran it without a record died; its files were removed")


async def test_what_was_removed_since_the_look_around_is_nothing_to_tell(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = "a" * 32, "b" * 64
    monkeypatch.setattr("runtime.sessions.recovery._bundle_names", lambda _: [gone])
    assert await engine.recover() == []


@pytest.fixture(params=["locked", "full", "closed"])
async def spoilt(
    request: pytest.FixtureRequest, engine_settings: EngineSettings, short_folder: Path
) -> AsyncIterator[Engine]:
    """An engine whose database cannot be used any more, in one way or another."""
    folder = short_folder / "tmpfs"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(folder)], check=True)
    try:
        settings = msgspec.structs.replace(engine_settings, state_dir=str(folder))
        async with Engine(settings) as engine:
            engine._database._busy_timeout = 0.1
            with _unusable(request.param, engine, folder):
                yield engine
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def _unusable(how: str, engine: Engine, folder: Path) -> Iterator[None]:
    if how == "locked":
        with contextlib.closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
    elif how == "full":
        with contextlib.suppress(OSError), (folder / "ballast").open("wb", 0) as ballast:
            while ballast.write(b"x" * 512):
                pass
        yield
    else:
        engine._database.close()
        yield


async def test_the_database_is_not_needed(spoilt: Engine, info: ContainerInfo) -> None:
    with pytest.raises(StateError, match="cannot use the state database"):
        await spoilt.exec_create(info, ExecConfig(command=["true"]))
    config = ExecConfig(command=["echo", "as ever"], attach_stdout=True)
    assert await spoilt.exec_no_session(info, config) == ExecResult(
        exit_code=0, stdout=b"as ever\n", stderr=b""
    )
    with pytest.raises(ExecTimeoutError):
        await spoilt.exec_no_session(info, ExecConfig(command=["sleep", "99"]), timeout=0.2)
