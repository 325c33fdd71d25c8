"""The disk is full, and gives room one page or one file at a time: so every write fails once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.engine import Engine
from runtime.errors import ExectopError
from runtime.model import (
    ContainerInfo,
    Ended,
    EngineSettings,
    ExecConfig,
    ExecState,
    Output,
    TerminalSize,
)
from tests.integration.layer.conftest import monitors_of

SIZE = TerminalSize(rows=24, columns=80)
PAGE = 4096
# So many steps are far more than a session has writes.
STEPS = 40
STREAMS: dict[str, Any] = dict.fromkeys(("attach_stdin", "attach_stdout", "attach_stderr"), True)


class SmallDisk:
    """A file system of which a test decides how much room is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def leave_files(self, count: int) -> None:
        """Leave room for so many new files and folders."""
        self._ballast.mkdir()
        for number in range(os.statvfs(self.folder).f_ffree - count):
            (self._ballast / str(number)).touch()

    def leave_pages(self, count: int) -> None:
        """Leave room for so many pages of data."""
        self._ballast.mkdir()
        with (self._ballast / "pages").open("wb", 0) as file:
            while os.statvfs(self.folder).f_bfree > count:
                file.write(bytes(PAGE))

    def release(self) -> None:
        """Make room again."""
        shutil.rmtree(self._ballast)


@pytest.fixture
def disk(short_folder: Path, require_root: None) -> Iterator[SmallDisk]:
    folder = short_folder / "small"
    folder.mkdir()
    options = "size=4m,nr_inodes=300"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)
    yield SmallDisk(folder)
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(params=["state_dir", "run_dir"])
def place(request: pytest.FixtureRequest) -> str:
    """Which of the layer's two folders is on the small disk."""
    return str(request.param)


@pytest.fixture
async def on_small_disk(
    engine_settings: EngineSettings, disk: SmallDisk, place: str
) -> AsyncIterator[Engine]:
    """An engine with one of its folders on the small disk; nothing may be left at the end."""
    settings = msgspec.structs.replace(engine_settings, **{place: str(disk.folder)})
    async with Engine(settings) as engine:
        yield engine
        for session in await engine.sessions():
            await engine.exec_remove(session.id, force=True)
        await engine.recover()
        assert list(Path(settings.run_dir, "bundles").glob("*/*")) == []
    assert monitors_of(settings.run_dir) == []


async def _attempt(engine: Engine, info: ContainerInfo, terminal: bool) -> str:
    """Run a command; gives "whole", what was lost, or "refused" with an error that can be shown."""
    config = ExecConfig(command=["sh", "-c", "echo hello; exit 3"], terminal=terminal, **STREAMS)
    seen, code = b"", None
    try:
        session_id = await engine.exec_create(info, config)
        attachment = await engine.exec_start_and_attach(session_id, SIZE if terminal else None)
    except ExectopError as error:
        assert error.message
        return "refused"
    try:
        async with asyncio.timeout(60):
            async for event in attachment.events():
                if isinstance(event, Output):
                    seen += event.data
                elif isinstance(event, Ended):
                    code = event.exit_code
    except ExectopError as error:  # the end could not be recorded
        assert error.hint
    finally:
        await attachment.close()
    assert b"hello" in seen  # it ran: then its output is seen, too
    assert code in (3, None)
    return "whole" if code == 3 else "code lost"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("scarce", ["files", "pages"])
async def test_every_write_may_fail_and_nothing_is_left_nor_false(
    engine: Engine,
    on_small_disk: Engine,
    info: ContainerInfo,
    disk: SmallDisk,
    place: str,
    scarce: str,
    terminal: bool,
) -> None:
    outcomes: list[str] = []
    for room in range(STEPS):
        disk.leave_files(room) if scarce == "files" else disk.leave_pages(room)
        outcomes.append(await _attempt(on_small_disk, info, terminal))
        disk.release()
        await on_small_disk.recover()
        for session in await on_small_disk.sessions():
            # What ran has ended with its code, or an unknown one; else it may be started again.
            assert session.exit_code in (3, 125, 137, None)
            await on_small_disk.exec_remove(session.id, force=True)
        assert await on_small_disk.sessions() == []
        if outcomes[-3:] == ["whole"] * 3:
            break
    assert outcomes[-3:] == ["whole"] * 3, outcomes
    if (place, scarce) == ("run_dir", "files"):
        assert outcomes.count("refused") > 5, outcomes  # or the disk was not full


@pytest.mark.parametrize("place", ["run_dir"], indirect=True)
async def test_a_terminal_goes_on_while_its_output_cannot_be_kept(
    on_small_disk: Engine, info: ContainerInfo, disk: SmallDisk, watch: Any
) -> None:
    config = ExecConfig(command=["sh"], terminal=True, **STREAMS)
    session_id = await on_small_disk.exec_create(info, config)
    output = watch(await on_small_disk.exec_start_and_attach(session_id, SIZE))
    await output.attachment.write(b"stty -echo; PS1=; echo before-$((1+1))\n")
    await output.wait_for(b"before-2\r\n")
    output.data = b""

    disk.leave_pages(0)
    await output.attachment.write(b"seq 3000; echo full-$((1+2))\n")
    await output.wait_for(b"full-3\r\n")
    expected = b"".join(b"%d\r\n" % number for number in range(1, 3001)) + b"full-3\r\n"
    assert output.data == expected
    # It runs on: who attaches now sees what could be kept, and all from now on.
    other = watch(await on_small_disk.attach(session_id))
    await other.wait_caught_up()
    await output.attachment.write(b"echo also-$((1+3))\n")
    await other.wait_for(b"also-4\r\n")

    disk.release()
    await output.attachment.write(b"echo after-$((1+4)); exit 6\n")
    for each in (output, other):
        await each.wait_for(b"after-5\r\n")
        assert await each.wait_ended() == 6
    assert output.data == expected + b"also-4\r\nafter-5\r\n"
    assert (await on_small_disk.find_session(session_id)).exit_code == 6


async def test_what_runs_goes_on_and_can_be_stopped(
    on_small_disk: Engine, info: ContainerInfo, disk: SmallDisk
) -> None:
    session_id = await on_small_disk.exec_create(info, ExecConfig(command=["sleep", "100"]))
    await on_small_disk.exec_start(session_id)
    disk.leave_pages(0)
    assert (await on_small_disk.find_session(session_id)).state is ExecState.RUNNING
    with contextlib.suppress(ExectopError):  # its end may find no room to be recorded in
        await on_small_disk.exec_stop(session_id, 0)
    disk.release()
    session = await on_small_disk.find_session(session_id)
    assert session.state is ExecState.STOPPED
    assert session.exit_code in (137, None)
