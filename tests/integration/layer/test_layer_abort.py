"""A start that is given up leaves no process, however far it was."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from runtime.engine import Engine
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecState
from tests.integration.layer.conftest import monitors_of

# Stands in for the OCI runtime, and calls it once it is allowed to.
SLOW = '#!/bin/sh\necho called > "{called}"\nread answer < "{go}"\nexec {runtime} "$@"\n'


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
