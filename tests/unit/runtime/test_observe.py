"""What became of a session, judged by its processes and its exit file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from runtime.kernel.proc import identify
from runtime.model import ExecSession, ExecState, ProcessIdentity
from runtime.oci.bundle import ExecBundle
from runtime.sessions.observe import Fate, Observation, observe, read_exit_code

ALIVE = identify(os.getpid())
# Another process had our pid before us.
DEAD = ProcessIdentity(pid=os.getpid(), start_time=1)


@pytest.fixture
def session(make_session: Callable[..., ExecSession]) -> ExecSession:
    return make_session(state=ExecState.RUNNING, process=ALIVE, monitor=ALIVE)


@pytest.mark.parametrize(
    ("monitor", "process", "exit_file", "expected"),
    [
        (ALIVE, ALIVE, None, Observation(Fate.RUNNING)),
        (ALIVE, DEAD, None, Observation(Fate.ENDING)),
        (DEAD, ALIVE, None, Observation(Fate.ORPHANED)),
        (None, ALIVE, None, Observation(Fate.ORPHANED)),
        (DEAD, DEAD, None, Observation(Fate.ENDED, None)),
        (None, DEAD, None, Observation(Fate.ENDED, None)),
        (ALIVE, DEAD, "3", Observation(Fate.ENDED, 3)),
        (ALIVE, ALIVE, "3", Observation(Fate.ENDED, 3)),
        (DEAD, ALIVE, "0", Observation(Fate.ENDED, 0)),
        (DEAD, DEAD, "137", Observation(Fate.ENDED, 137)),
        (DEAD, DEAD, "", Observation(Fate.ENDED, None)),
        (ALIVE, DEAD, "", Observation(Fate.ENDING)),
        (ALIVE, ALIVE, "13x", Observation(Fate.RUNNING)),
    ],
)
def test_fates(
    session: ExecSession,
    bundle: ExecBundle,
    monitor: ProcessIdentity | None,
    process: ProcessIdentity,
    exit_file: str | None,
    expected: Observation,
) -> None:
    if exit_file is not None:
        bundle.exit_file.write_text(exit_file)
    seen = msgspec.structs.replace(session, monitor=monitor, process=process)
    assert observe(seen, bundle) == expected


def test_nothing_of_another_boot_runs(session: ExecSession, bundle: ExecBundle) -> None:
    assert observe(session, bundle) == Observation(Fate.RUNNING)
    before = msgspec.structs.replace(session, boot_id="before")
    assert observe(before, bundle) == Observation(Fate.ENDED, None)


def test_a_zombie_has_ended(
    session: ExecSession, bundle: ExecBundle, zombie: tuple[object, ProcessIdentity]
) -> None:
    seen = msgspec.structs.replace(session, process=zombie[1])
    assert observe(seen, bundle) == Observation(Fate.ENDING)
    assert observe(msgspec.structs.replace(seen, monitor=zombie[1]), bundle).fate is Fate.ENDED


def test_a_bundle_that_is_gone(session: ExecSession, tmp_path: Path) -> None:
    gone = ExecBundle(tmp_path / "nowhere", "box")
    assert observe(session, gone) == Observation(Fate.RUNNING)
    seen = msgspec.structs.replace(session, monitor=DEAD, process=DEAD)
    assert observe(seen, gone) == Observation(Fate.ENDED, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"0", 0),
        (b"7\n", 7),
        (b"-1", -1),
        (b" 255 ", 255),
        (b"", None),
        (b"-", None),
        (b"--1", None),
        (b"1 2", None),
        (b"0x1", None),
        (b"\xff", None),
        ("\u0661".encode(), None),
    ],
)
def test_exit_files(bundle: ExecBundle, text: bytes, code: int | None) -> None:
    bundle.exit_file.write_bytes(text)
    assert read_exit_code(bundle) == code


def test_an_exit_file_that_is_none(bundle: ExecBundle) -> None:
    assert read_exit_code(bundle) is None
    bundle.exit_file.mkdir()
    assert read_exit_code(bundle) is None
