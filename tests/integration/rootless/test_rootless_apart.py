"""What root has is none of an ordinary user's business, and that is said in words."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.demo.launch import LaunchedContainer
from runtime.engine import Engine
from runtime.kernel.seqpacket import connect
from runtime.model import EngineSettings, ExecConfig, ExecSession, TerminalSize
from runtime.oci.bundle import ExecBundle
from tests.integration.rootless.conftest import OrdinaryUser, RootlessContainer

SECRET = "the-secret-of-root"
SIZE = TerminalSize(rows=24, columns=80)


@pytest.fixture
def open_folder(short_folder: Path) -> Path:
    """The folder of root's things, itself open to all: what is in it has to protect itself."""
    short_folder.chmod(0o755)
    return short_folder


@pytest.fixture
async def root_s(
    open_folder: Path, engine_settings: EngineSettings, container: LaunchedContainer
) -> AsyncIterator[ExecSession]:
    """A running session of root's, with a secret in its environment and in its output."""
    async with Engine(engine_settings) as engine:
        info = await engine.find_container(container.id)
        config = ExecConfig(
            command=["sh", "-c", 'echo "$SECRET"; exec sleep 1000'],
            environment={"SECRET": SECRET},
            terminal=True,
        )
        session_id = await engine.exec_create(info, config)
        attachment = await engine.exec_start_and_attach(session_id, SIZE)
        await attachment.close()
        yield await engine.find_session(session_id)
        await engine.exec_remove(session_id, force=True)


@pytest.fixture
def bundle(root_s: ExecSession, engine_settings: EngineSettings) -> ExecBundle:
    """The bundle of root's session."""
    folder = Path(engine_settings.run_dir, "bundles", root_s.container_key, root_s.id)
    assert folder.is_dir()
    return ExecBundle(folder, root_s.container_id)


def test_nothing_of_root_s_is_listed(
    user: OrdinaryUser, mine: RootlessContainer, root_s: ExecSession
) -> None:
    for command in ("ps", "ls"):
        done = user.exectop(command, "--no-trunc", "--format", "json")
        assert (done.returncode, done.stderr) == (0, b"")
        seen = [line["id"] for line in json.loads(done.stdout)]
        assert seen == ([mine.id] if command == "ps" else [])
    for verb in ("attach", "inspect", "stop", "cleanup", "rm"):
        done = user.exectop(verb, root_s.id)
        assert done.returncode == 125
        assert done.stderr.startswith(b"exectop: no exec session")
    done = user.exectop("exec", root_s.container_id, "true")
    assert done.returncode == 125
    assert done.stderr.startswith(b"exectop: no container")


def test_root_s_state_cannot_be_used(
    user: OrdinaryUser, root_s: ExecSession, engine_settings: EngineSettings
) -> None:
    for option, folder in (
        ("--state-dir", engine_settings.state_dir),
        ("--run-dir", engine_settings.run_dir),
    ):
        done = user.exectop(option, folder, "ls")
        assert (done.returncode, done.stdout) == (125, b"")
        message, hint = done.stderr.decode().splitlines()
        assert message.startswith("exectop: cannot "), message
        assert folder in message
        assert "ermission denied" in message
        assert hint.strip()


def test_root_s_containers_cannot_be_entered(
    user: OrdinaryUser, root_s: ExecSession, container: LaunchedContainer
) -> None:
    words = ("--root", root_s.container_root)
    listed = user.exectop(*words, "ps")
    assert listed.returncode == 0
    assert container.id not in listed.stdout.decode()
    assert b"not allowed to read" in listed.stderr
    done = user.exectop(*words, "exec", container.id, "id")
    assert (done.returncode, done.stdout) == (125, b"")
    assert done.stderr.startswith(b"exectop: no container")
    assert b"not allowed to read" in done.stderr


@pytest.fixture
def as_user(user: OrdinaryUser) -> Iterator[None]:
    """Be the ordinary user, for what the kernel has to say."""
    os.setegid(user.gid)
    os.seteuid(user.uid)
    yield
    os.seteuid(0)
    os.setegid(0)


def _places(settings: EngineSettings, bundle: ExecBundle) -> list[Path]:
    state = Path(settings.state_dir, "exectop.sqlite3")
    return [
        *(Path(settings.state_dir), state, state.with_name(state.name + "-wal")),
        *(Path(settings.run_dir), bundle.folder.parent, bundle.folder, bundle.process_spec),
        *(bundle.kept_output, bundle.sizes, bundle.runtime_log, bundle.monitor_log),
        *(bundle.pid_file, bundle.viewers, bundle.exit_folder, bundle.attach_socket),
    ]


async def test_nothing_of_root_s_state_can_be_read(
    root_s: ExecSession, bundle: ExecBundle, engine_settings: EngineSettings, as_user: None
) -> None:
    for place in _places(engine_settings, bundle):
        with pytest.raises(PermissionError):
            os.open(place, os.O_RDONLY)
    with pytest.raises(PermissionError):
        await connect(bundle.attach_socket)
    with pytest.raises(PermissionError):
        Path(f"/proc/{root_s.pid}/environ").read_bytes()


def test_what_holds_secrets_is_private_by_itself(
    root_s: ExecSession, bundle: ExecBundle, engine_settings: EngineSettings
) -> None:
    assert SECRET in bundle.process_spec.read_text()
    for place in _places(engine_settings, bundle):
        mode = place.stat().st_mode
        # conmon's and the runtime's own notes have only the folder to protect them.
        if place not in (bundle.pid_file, bundle.runtime_log):
            assert mode & 0o077 == 0, place


def test_the_command_line_of_a_session_tells_no_secret(
    user: OrdinaryUser, root_s: ExecSession
) -> None:
    assert root_s.monitor is not None
    words = user.run("cat", f"/proc/{root_s.monitor.pid}/cmdline")
    assert words.returncode == 0
    assert root_s.id.encode() in words.stdout
    assert SECRET.encode() not in words.stdout
