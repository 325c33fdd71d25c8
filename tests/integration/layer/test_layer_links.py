"""Links in the place of a bundle's files: nothing outside is read, written or removed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import SessionStateError
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, ExecState, TerminalSize
from runtime.oci.bundle import ExecBundle
from runtime.protocol.process_spec import MARKER

SIZE = TerminalSize(rows=24, columns=80)
BAIT = "2026-11-24T05:57:23.131293233+00:00 stdout F outside\n"


@pytest.fixture
def outside(short_folder: Path) -> Path:
    """A folder of somebody else's, whose files must stay as they are."""
    folder = short_folder / "outside"
    folder.mkdir()
    return folder


@pytest.fixture
def bundle_of(engine_settings: EngineSettings, info: ContainerInfo) -> Callable[[str], ExecBundle]:
    """A function that gives the bundle of a session."""

    def find(session_id: str) -> ExecBundle:
        folder = Path(engine_settings.run_dir, "bundles", info.key, session_id)
        assert folder.is_dir()
        return ExecBundle(folder, info.id)

    return find


def _replace(path: Path, target: Path) -> None:
    path.rename(path.with_name(f"{path.name}.before"))
    path.symlink_to(target)


async def _end_without_notes(engine: Engine, session_id: str) -> None:
    """End a session in a way that leaves no exit file."""
    session = await engine.find_session(session_id)
    for process in (session.monitor, session.process):
        assert process is not None
        send_signal(process, signal.SIGKILL)
        await wait_ended(process)


@pytest.mark.parametrize("which", ["exit_file", "exit_folder"])
async def test_no_exit_code_comes_from_outside(
    engine: Engine,
    info: ContainerInfo,
    start_detached: Any,
    bundle_of: Any,
    outside: Path,
    which: str,
) -> None:
    session_id = await start_detached("sleep", "1000")
    bundle = bundle_of(session_id)
    (outside / info.id).write_text("0\n")
    if which == "exit_file":
        bundle.exit_file.symlink_to(outside / info.id)
    else:
        _replace(bundle.exit_folder, outside)
    assert (await engine.find_session(session_id)).state is ExecState.RUNNING

    await _end_without_notes(engine, session_id)
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code) == (ExecState.STOPPED, None)
    assert (outside / info.id).read_text() == "0\n"


@pytest.mark.parametrize("text", ["9" * 60, "--1", "1e3", "\N{ARABIC-INDIC DIGIT ONE}", "0 0"])
async def test_what_is_no_exit_code_is_none(
    engine: Engine, start_detached: Any, bundle_of: Any, text: str
) -> None:
    session_id = await start_detached("sleep", "1000")
    bundle = bundle_of(session_id)
    await _end_without_notes(engine, session_id)
    bundle.exit_file.write_text(text)
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code) == (ExecState.STOPPED, None)


async def test_no_output_comes_from_outside(
    engine: Engine, start: Any, watch: Any, bundle_of: Any, outside: Path
) -> None:
    session_id, first = await start("cat", terminal=True, size=SIZE)
    bundle = bundle_of(session_id)
    (outside / "log").write_text(BAIT)
    _replace(bundle.kept_output, outside / "log")

    output = watch(await engine.attach(session_id))
    await output.attachment.write(b"inside\n")
    await output.wait_for(b"inside\r\n")
    await first.wait_for(b"inside\r\n")  # it had opened the log before
    assert b"outside" not in output.data + first.data
    assert (outside / "log").read_text() == BAIT


async def test_no_size_is_noted_outside(
    engine: Engine, start: Any, watch: Any, bundle_of: Any, outside: Path
) -> None:
    session_id, _ = await start("cat", terminal=True, size=SIZE)
    bundle = bundle_of(session_id)
    (outside / "sizes").write_text("begin 0 77 99\n")
    _replace(bundle.sizes, outside / "sizes")

    await engine.exec_resize(session_id, TerminalSize(rows=30, columns=90))
    output = watch(await engine.attach(session_id))
    await output.attachment.write(b"seen\n")
    await output.wait_for(b"seen\r\n")
    sizes = [each.size for each in output.events if hasattr(each, "size")]
    assert TerminalSize(rows=77, columns=99) not in sizes
    assert (outside / "sizes").read_text() == "begin 0 77 99\n"


async def test_viewers_are_not_counted_and_removed_outside(
    engine: Engine, start_detached: Any, bundle_of: Any, outside: Path
) -> None:
    session_id = await start_detached("sleep", "1000")
    bundle = bundle_of(session_id)
    (outside / "1-somebody-s").write_text("precious")
    _replace(bundle.viewers, outside)

    assert (await engine.sessions())[0].attached == 0
    attachment = await engine.attach(session_id)
    assert [each.name for each in outside.iterdir()] == ["1-somebody-s"]
    await attachment.close()
    assert (outside / "1-somebody-s").read_text() == "precious"


@pytest.fixture
def impostor(outside: Path) -> Iterator[socket.socket]:
    """A socket of somebody else's that listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(outside / "socket"))
        listener.listen()
        listener.setblocking(False)
        yield listener


async def test_nobody_is_connected_to_a_socket_outside(
    engine: Engine, start_detached: Any, bundle_of: Any, outside: Path, impostor: socket.socket
) -> None:
    session_id = await start_detached("cat", terminal=True)
    _replace(bundle_of(session_id).attach_socket, outside / "socket")

    with pytest.raises(SessionStateError, match="cannot be attached to"):
        await engine.attach(session_id)
    with pytest.raises(BlockingIOError):
        impostor.accept()


async def test_pids_noted_outside_are_not_believed(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, outside: Path
) -> None:
    session_id = await engine.exec_create(info, ExecConfig(command=["sleep", "1000"]))
    bundle = ExecBundle(Path(engine_settings.run_dir, "bundles", info.key, session_id), info.id)
    bundle.create()
    # Looks like the session's own process.
    other = subprocess.Popen(["sleep", "1000"], env={**os.environ, MARKER: session_id})
    try:
        (outside / "pid").write_text(str(other.pid))
        bundle.pid_file.symlink_to(outside / "pid")
        (told,) = await engine.recover()
        assert "before anything ran" in told
        assert (await engine.find_session(session_id)).process is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("which", ["folder", "exit_folder", "viewers"])
async def test_removing_a_session_removes_nothing_outside(
    engine: Engine, start_detached: Any, bundle_of: Any, outside: Path, which: str
) -> None:
    session_id = await start_detached("sleep", "1000")
    (outside / "deep").mkdir()
    (outside / "deep/file").write_text("precious")
    path = getattr(bundle_of(session_id), which)
    kept = path.rename(outside.parent / "kept")
    path.symlink_to(outside)

    async with asyncio.timeout(60):
        await engine.exec_remove(session_id, force=True)
    assert await engine.sessions() == []
    assert not path.is_symlink()
    assert (outside / "deep/file").read_text() == "precious"
    assert kept.is_dir()
