"""The containers that are measured in: plain ones, podman's and docker's, on one host."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.demo import cgroups
from app.demo.bundle import BundlePlan
from app.demo.launch import launch_container
from app.demo.rootfs import build_busybox_rootfs, find_busybox
from runtime.engine import Engine
from runtime.model import EngineSettings
from tests.engines.docker import Docker
from tests.engines.podman import Podman


class Place(msgspec.Struct, frozen=True):
    """A container: who made it, with which runtime, and how to reach it."""

    made_by: str
    runtime: str
    root: Path
    id: str
    name: str

    @property
    def bare(self) -> list[str]:
        """`runc exec` or `crun exec`, to be followed by a command."""
        return [self.runtime, "--root", str(self.root), "exec", self.id]

    def __str__(self) -> str:
        """As the tables name it."""
        return f"{self.made_by}, {self.runtime}"


class Host:
    """A folder, a root filesystem, and engines that are started when they are asked for."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.rootfs = folder / "rootfs"
        busybox = find_busybox()
        if busybox is None:
            sys.exit("make bench needs busybox-static")
        build_busybox_rootfs(self.rootfs, busybox)
        self._podman: Podman | None = None
        self._docker: Docker | None = None

    @property
    def podman(self) -> Podman:
        """podman in this folder."""
        if self._podman is None:
            self._podman = Podman(self.folder / "podman", self.rootfs)
            self._stack.callback(self._podman.close)
        return self._podman

    @property
    def docker(self) -> Docker:
        """dockerd in this folder."""
        if self._docker is None:
            self._docker = Docker(self.folder / "docker", self.rootfs)
            self._stack.callback(self._docker.close)
        return self._docker

    def plain(self, runtime: str, number: int = 0) -> Place:
        """A container made with the runtime alone; `number` tells several apart."""
        name = f"xb-{runtime}-{os.getpid()}-{number}"
        root = self.folder / runtime
        plan = BundlePlan(rootfs=self.rootfs)
        made = launch_container(runtime, root, name, self.folder / name, plan)
        self._stack.callback(made.delete)
        return Place("plain", runtime, root, name, name)

    def of_podman(self, runtime: str) -> Place:
        """A container of podman's."""
        name = f"xb-podman-{runtime}-{os.getpid()}"
        made = self.podman.run(name, runtime=runtime)
        return Place("podman", runtime, Podman.root(runtime), made, name)

    def of_docker(self) -> Place:
        """A container of docker's."""
        name = f"xb-docker-{os.getpid()}"
        made = self.docker.run(name)
        return Place("docker", "runc", self.docker.root, made, name)

    def settings(self, *places: Place) -> EngineSettings:
        """Settings of an engine that sees these containers. The run folder is on a tmpfs."""
        run = Path(tempfile.mkdtemp(prefix="xb-", dir="/run"))
        self._stack.callback(shutil.rmtree, run)
        roots = sorted({str(place.root) for place in places})
        return EngineSettings(state_dir=str(self.folder / "state"), run_dir=str(run), roots=roots)


@contextlib.contextmanager
def host() -> Iterator[Host]:
    """A host for the length of a measurement; all that was started on it is ended."""
    cgroups.mount_missing_controllers()
    folder = Path(tempfile.mkdtemp(prefix="xb-"))
    folder.chmod(0o755)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Host(folder, stack)


def open_engine(host_: Host, *places: Place) -> Engine:
    """An engine for these places, to be entered with `async with`."""
    return Engine(host_.settings(*places))


def dashboard_command(host_: Host, *places: Place) -> str:
    """The shell's words for the program itself, over these places, with a state of its own."""
    settings = host_.settings(*places)
    where = [f"EXECTOP_STATE_DIR={settings.state_dir}", f"EXECTOP_RUN_DIR={settings.run_dir}"]
    roots = [word for root in settings.roots for word in ("--root", root)]
    program = str(Path(sys.executable).with_name("exectop"))
    return shlex.join(["env", *where, "EXECTOP_CONFIG=/dev/null", program, *roots])
