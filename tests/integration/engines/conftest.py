"""Real engines, each in a short folder of its own, for as long as the tests of this folder run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from runtime.engine import Engine
from runtime.model import EngineSettings
from tests.conftest import skip_or_fail
from tests.engines.commands import EngineFailedError
from tests.engines.containerd import Containerd
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.engines.rootless_podman import RootlessPodman
from tests.integration.layer.conftest import watch
from tests.integration.rootless.conftest import (
    OrdinaryUser,
    account,
    make_rootless,
    readable_program,
    user,
)

__all__ = ["account", "make_rootless", "readable_program", "user", "watch"]


@pytest.fixture(scope="session")
def engine_folder() -> Iterator[Callable[[str], Path]]:
    """A function that makes a folder with a short path; all are removed at the end."""
    base = Path(tempfile.mkdtemp(prefix="xe-"))
    # Rootless runtimes and their users have to get through.
    base.chmod(0o755)
    yield lambda name: base / name
    shutil.rmtree(base)


@pytest.fixture(scope="session")
def podman(
    engine_folder: Callable[[str], Path],
    rootfs: Path,
    crun_cgroups: None,
    require_program: Callable[[str], str],
) -> Iterator[Podman]:
    """podman with runc and crun."""
    for program in ("podman", "conmon", "runc", "crun"):
        require_program(program)
    made = Podman(engine_folder("p"), rootfs)
    yield made
    made.close()


@pytest.fixture(scope="session")
def docker(
    engine_folder: Callable[[str], Path], rootfs: Path, require_program: Callable[[str], str]
) -> Iterator[Docker]:
    """dockerd with its own containerd; its second runtime, "other", is crun."""
    for program in ("dockerd", "docker", "containerd"):
        require_program(program)
    crun = require_program("crun")
    try:
        made = Docker(engine_folder("d"), rootfs, ("--add-runtime", f"other={crun}"))
    except EngineFailedError as error:
        skip_or_fail(f"dockerd does not start here: {error}")
        raise
    yield made
    made.close()


@pytest.fixture(scope="session")
def containerd(
    engine_folder: Callable[[str], Path], rootfs: Path, require_program: Callable[[str], str]
) -> Iterator[Containerd]:
    """containerd of its own, beside docker's."""
    for program in ("containerd", "ctr"):
        require_program(program)
    made = Containerd(engine_folder("c"), rootfs)
    yield made
    made.close()


@pytest.fixture
def logged_in(user: OrdinaryUser) -> Iterator[OrdinaryUser]:
    """An ordinary user with a runtime folder where systemd-logind makes it."""
    folder = Path(f"/run/user/{user.uid}")
    folder.parent.mkdir(exist_ok=True)
    folder.mkdir(mode=0o700)
    os.chown(folder, user.uid, user.gid)
    user.runtime_folder = folder
    user.environment["XDG_RUNTIME_DIR"] = str(folder)
    yield user
    shutil.rmtree(folder)


@pytest.fixture
def rootless_podman(
    logged_in: OrdinaryUser, podman: Podman, busybox_rootfs: Callable[[Path], Path]
) -> Iterator[RootlessPodman]:
    """podman of an ordinary user."""
    made = RootlessPodman(logged_in, busybox_rootfs(logged_in.home / "rootfs"))
    yield made
    made.close()


@pytest.fixture
def engine_settings(short_folder: Path) -> EngineSettings:
    """Settings of an engine that is told nothing of where containers are."""
    return EngineSettings(state_dir=str(short_folder / "state"), run_dir=str(short_folder / "run"))


@pytest.fixture
async def engine(engine_settings: EngineSettings) -> AsyncIterator[Engine]:
    """An engine with those settings."""
    async with Engine(engine_settings) as made:
        yield made
