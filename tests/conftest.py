"""What all tests share: folders of their own, and real containers made from busybox."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.demo import cgroups
from app.demo.bundle import BundlePlan
from app.demo.launch import LaunchedContainer, launch_container
from app.demo.rootfs import build_busybox_rootfs, find_busybox
from runtime.kernel.proc import is_alive
from runtime.model import EngineSettings

MakeContainer = Callable[..., LaunchedContainer]

RUNTIMES = ("runc", "crun")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of our own."""
    parser.addoption(
        "--times", type=int, default=4, help="how often to try what has to work every time"
    )


@pytest.fixture(scope="session")
def times(request: pytest.FixtureRequest) -> int:
    """How often to try what has to work every time."""
    return int(request.config.getoption("--times"))


def skip_or_fail(reason: str) -> None:
    """Skip, but not where everything has to be there (CI=true): there it is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def require_program() -> Callable[[str], str]:
    """A function that returns a program's path, and skips the test where it is missing."""

    def require(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            skip_or_fail(f"{name} is not installed (make test installs it)")
        return str(path)

    return require


@pytest.fixture(scope="session")
def require_root() -> None:
    """Skip where the tests do not run as root."""
    if os.geteuid() != 0:
        skip_or_fail("needs root: containers are started without user namespaces")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a short path: sockets and runtimes have limits that pytest's own exceed."""
    folder = Path(tempfile.mkdtemp(prefix="xt-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def busybox_rootfs(
    require_root: None, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Path]:
    """A function that builds a root filesystem at a path (busybox, root and dev)."""
    busybox = find_busybox()
    if busybox is None:
        skip_or_fail("busybox-static is not installed (make test installs it)")
        raise AssertionError

    def build(root: Path) -> Path:
        build_busybox_rootfs(root, busybox)
        return root

    return build


@pytest.fixture(scope="session")
def rootfs(busybox_rootfs: Callable[[Path], Path]) -> Iterator[Path]:
    """The root filesystem shared by the containers of this session; do not write to it."""
    folder = Path(tempfile.mkdtemp(prefix="xt-rootfs-"))
    folder.chmod(0o755)
    yield busybox_rootfs(folder / "rootfs")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def container_ids(worker_id: str) -> Iterator[str]:
    """Names of containers, never the same in two workers or two runs."""
    return (f"xt-{worker_id}-{os.getpid()}-{number}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def crun_cgroups(require_root: None) -> None:
    """Give crun a cgroup layout it accepts, where the host mounts only some v1 controllers."""
    cgroups.mount_missing_controllers()


@pytest.fixture
def make_container(
    rootfs: Path,
    busybox_rootfs: Callable[[Path], Path],
    short_folder: Path,
    container_ids: Iterator[str],
    require_program: Callable[[str], str],
    request: pytest.FixtureRequest,
) -> Iterator[MakeContainer]:
    """A factory of running containers: `make_container("crun", nofile=64)`.

    The keyword arguments are those of BundlePlan, and `own_rootfs=True` for a root filesystem
    that may be written to, `container_id` for a name. Everything is removed at the end, and
    the test fails where something stays behind.
    """
    made: list[LaunchedContainer] = []

    def make(runtime: str = "runc", *, own_rootfs: bool = False, **changes: Any) -> Any:
        require_program(runtime)
        if runtime == "crun":
            request.getfixturevalue("crun_cgroups")
        container_id = changes.pop("container_id", None) or next(container_ids)
        folder = short_folder / container_id
        root = busybox_rootfs(folder / "rootfs") if own_rootfs else rootfs
        plan = BundlePlan(rootfs=root, **{"hostname": container_id, **changes})
        container = launch_container(
            runtime, short_folder / f"r-{runtime}", container_id, folder, plan
        )
        made.append(container)
        return container

    yield make
    for container in made:
        container.delete()
    left = [place for container in made for place in what_is_left(container)]
    assert not left, f"containers left something behind: {left}"


def what_is_left(container: LaunchedContainer) -> list[Path]:
    """State, cgroups and the first process of a container that should be gone."""
    places = [container.root / container.id]
    places += cgroups.folders_of(container.cgroup)
    if is_alive(container.init):
        places.append(Path(f"/proc/{container.pid}"))
    return [place for place in places if place.exists()]


@pytest.fixture(params=RUNTIMES)
def container(request: pytest.FixtureRequest, make_container: MakeContainer) -> LaunchedContainer:
    """A running container, once with runc and once with crun."""
    made: LaunchedContainer = make_container(request.param)
    return made


@pytest.fixture
def engine_settings(short_folder: Path) -> EngineSettings:
    """Settings of an engine that lives in the test's own folders and sees its own containers."""
    roots = [str(short_folder / f"r-{runtime}") for runtime in RUNTIMES]
    return EngineSettings(
        state_dir=str(short_folder / "state"),
        run_dir=str(short_folder / "run"),
        roots=roots,
    )
