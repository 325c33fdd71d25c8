"""A start that is given up leaves no process, however far it was."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from runtime.engine import Engine
from runtime.errors import ConmonError
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import all_stats, identify
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecState
from tests.integration.layer.conftest import monitors_of

# Stands in for the OCI runtime, and calls it once it is allowed to.
SLOW = '#!/bin/sh\necho called > "{called}"\nread answer < "{go}"\nexec {runtime} "$@"\n'


@pytest.fixture
def engine_settings(
    request: pytest.FixtureRequest, engine_settings: EngineSettings, short_folder: Path
) -> EngineSettings:
    """Settings whose run folder may have another name (indirectly parametrized)."""
    run_dir = str(short_folder / getattr(request, "param", "run"))
    return msgspec.structs.replace(engine_settings, run_dir=run_dir)


@pytest.fixture
def called(short_folder: Path) -> Path:
    """A FIFO in which the runtime says that it was called."""
    os.mkfifo(short_folder / "called")
    return short_folder / "called"


@pytest.fixture
def go(short_folder: Path) -> Path:
    """A FIFO in which the runtime waits for leave to go on."""
    os.mkfifo(short_folder / "go")
    return short_folder / "go"


@pytest.fixture
def temporary_files(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of our own for temporary files (TMPDIR)."""
    folder = short_folder / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
async def slow_engine(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, called: Path, go: Path
) -> AsyncIterator[Engine]:
    """An engine whose runtime waits before it does anything."""
    script = called.with_name("slow-runtime")
    script.write_text(SLOW.format(called=called, go=go, runtime=info.runtime))
    script.chmod(0o700)
    settings = msgspec.structs.replace(engine_settings, **{info.runtime: str(script)})
    async with Engine(settings) as made:
        yield made


@pytest.mark.parametrize("attach", [False, True])
async def test_a_runtime_that_was_called_is_ended_with_its_monitor(
    engine: Engine,
    slow_engine: Engine,
    info: ContainerInfo,
    engine_settings: EngineSettings,
    called: Path,
    go: Path,
    attach: bool,
) -> None:
    config = ExecConfig(command=["sleep", "1000"], terminal=attach)
    session_id = await slow_engine.exec_create(info, config)
    start = slow_engine.exec_start_and_attach if attach else slow_engine.exec_start
    starting = asyncio.create_task(start(session_id))
    assert await asyncio.to_thread(called.read_text) == "called\n"

    starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await starting
    assert starting.cancelled()
    with pytest.raises(OSError) as caught:  # nobody waits there any more
        os.close(os.open(go, os.O_WRONLY | os.O_NONBLOCK))
    assert caught.value.errno == errno.ENXIO
    assert monitors_of(engine_settings.run_dir) == []

    assert len(await engine.recover()) == 1
    await engine.exec_start(session_id)
    assert (await engine.find_session(session_id)).state is ExecState.RUNNING


@pytest.mark.parametrize("engine_settings", ["run", "r" * 150], indirect=True)
async def test_a_monitor_that_is_killed_leaves_no_socket_for_its_terminal(
    slow_engine: Engine,
    info: ContainerInfo,
    engine_settings: EngineSettings,
    temporary_files: Path,
    called: Path,
) -> None:
    config = ExecConfig(command=["sleep", "1000"], terminal=True)
    session_id = await slow_engine.exec_create(info, config)
    starting = asyncio.create_task(slow_engine.exec_start_and_attach(session_id))
    assert await asyncio.to_thread(called.read_text) == "called\n"
    bundle = Path(engine_settings.run_dir, "bundles", info.key, session_id)
    assert len(list(bundle.glob("conmon-term.*"))) == 1

    monitor = identify(int((bundle / "conmon_pid").read_text()))
    assert monitor is not None
    (runtime,) = (each.identity for each in all_stats() if each.ppid == monitor.pid)
    assert send_signal(monitor, signal.SIGKILL)
    with pytest.raises(ConmonError):
        await starting
    assert await wait_ended(runtime, 20)  # conmon has set its PR_SET_PDEATHSIG
    assert not bundle.exists()
    assert list(temporary_files.iterdir()) == []
    assert (await slow_engine.find_session(session_id)).state is ExecState.STOPPED


async def test_a_terminal_that_was_started_leaves_no_socket(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, temporary_files: Path
) -> None:
    config = ExecConfig(command=["sleep", "1000"], terminal=True)
    session_id = await engine.exec_create(info, config)
    await engine.exec_start(session_id)
    bundle = Path(engine_settings.run_dir, "bundles", info.key, session_id)
    assert bundle.exists()
    assert [*temporary_files.iterdir(), *bundle.glob("conmon-term.*")] == []
