"""Pids that were given away again: whoever has one now is never signalled."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.demo import cgroups
from runtime.model import EngineSettings
from tests.conftest import RUNTIMES, skip_or_fail
from tests.integration.layer import reuse_program

# A pid namespace of its own, whose first process is the program, with a /proc that shows it.
NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@pytest.fixture
def container_id(container_ids: Iterator[str]) -> Iterator[str]:
    """The name of a container that the program makes; its cgroups do not stay."""
    name = next(container_ids)
    yield name
    for folder in cgroups.folders_of(name):
        folder.rmdir()


@pytest.fixture(scope="module")
def own_pids(require_root: None) -> None:
    """Skip where no pid can be chosen in a pid namespace of one's own."""
    probe = f"echo 4999 > {reuse_program.LAST_PID}; sh -c 'echo $$'"
    done = subprocess.run([*NAMESPACE, "sh", "-c", probe], capture_output=True, text=True)
    if done.stdout != "5000\n":
        skip_or_fail(f"no pid can be chosen here: {done.stdout}{done.stderr}")


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("scenario", reuse_program.SCENARIOS)
def test_who_has_the_pid_now_is_left_alone(
    own_pids: None,
    crun_cgroups: None,
    engine_settings: EngineSettings,
    short_folder: Path,
    rootfs: Path,
    container_id: str,
    runtime: str,
    scenario: str,
) -> None:
    root = str(short_folder / f"r-{runtime}")
    settings = msgspec.structs.replace(engine_settings, roots=[root])
    program = [*NAMESPACE, sys.executable, "-W", "error", reuse_program.__file__]
    words = [msgspec.json.encode(settings).decode(), container_id, str(short_folder / "bundle")]
    done = subprocess.run(
        [*program, *words, scenario, str(rootfs)],
        capture_output=True,
        text=True,
        timeout=110,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert done.stderr == ""
    assert (done.stdout, done.returncode) == ("ok\n", 0)
