"""Who may read what is kept: its owner, whatever the umask says."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from runtime.engine import DATABASE, Engine
from runtime.errors import StateError
from runtime.model import ContainerInfo, EngineSettings, ExecConfig, TerminalSize
from runtime.oci.bundle import ExecBundle

SIZE = TerminalSize(rows=24, columns=80)


@contextlib.contextmanager
def _umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
async def test_only_the_owner_may_enter_and_read(
    info: ContainerInfo, engine_settings: EngineSettings, short_folder: Path, umask: int
) -> None:
    above = short_folder / "above"
    state, run = above / "state", above / "deep" / "run"
    settings = msgspec.structs.replace(engine_settings, state_dir=str(state), run_dir=str(run))
    with _umask(umask):
        async with Engine(settings) as engine:
            config = ExecConfig(command=["sleep", "1000"], terminal=True)
            session_id = await engine.exec_create(info, config)
            attachment = await engine.exec_start_and_attach(session_id, SIZE)
            bundle = ExecBundle(run / "bundles" / info.key / session_id, info.id)
            (viewer,) = bundle.viewers.iterdir()

            folders = [above, state, run.parent, run, run / "bundles", run / "locks"]
            folders += [bundle.folder.parent, bundle.folder, bundle.exit_folder, bundle.viewers]
            assert {path: _mode(path) for path in folders} == dict.fromkeys(folders, 0o700)
            files = [state / f"{DATABASE}{end}" for end in ("", "-wal", "-shm", ".lock")]
            files += [run / "locks" / info.key, viewer, bundle.process_spec, bundle.kept_output]
            files += [bundle.sizes, bundle.monitor_log, bundle.attach_socket]
            assert {path: _mode(path) for path in files} == dict.fromkeys(files, 0o600)

            await attachment.close()
            await engine.exec_remove(session_id, force=True)


async def test_a_folder_of_another_user_is_refused(
    engine_settings: EngineSettings, short_folder: Path
) -> None:
    theirs = short_folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, -1)
    for changes in ({"state_dir": str(theirs)}, {"run_dir": str(theirs)}):
        settings = msgspec.structs.replace(engine_settings, **changes)
        with pytest.raises(StateError, match=r"theirs belongs to another user \(12345\)") as caught:
            async with Engine(settings):
                pass
        assert caught.value.hint
    assert list(theirs.iterdir()) == []


async def test_a_file_in_the_place_of_a_folder_is_a_clear_error(
    engine_settings: EngineSettings, short_folder: Path
) -> None:
    (short_folder / "file").write_text("no folder")
    settings = msgspec.structs.replace(engine_settings, run_dir=str(short_folder / "file"))
    with pytest.raises(StateError, match="file: File exists"):
        async with Engine(settings):
            pass
