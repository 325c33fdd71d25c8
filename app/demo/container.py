"""The demo container: something to try exectop in on a host that has no container yet."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from app.demo.bundle import BundlePlan
from app.demo.launch import LaunchedContainer, delete_container, launch_container
from app.demo.rootfs import (
    build_busybox_rootfs,
    build_host_rootfs,
    find_busybox,
)
from runtime.discovery.roots import default_roots
from runtime.errors import AccessDeniedError, ContainerStateError, StateError
from runtime.model import ContainerInfo, EngineSettings, container_key

DEMO_NAME = "exectop-demo"
ANNOTATIONS = {"org.exectop.demo": "true"}

_HOST_USR = {
    "destination": "/usr",
    "type": "bind",
    "source": "/usr",
    "options": ["rbind", "ro", "nosuid", "nodev", "rprivate"],
}


def demo_folder(settings: EngineSettings) -> Path:
    """Where the demo container's files are.

    Not in the run folder: /run is often mounted so that nothing in it can be executed.
    """
    return Path(settings.state_dir) / "demo"


def start_demo(settings: EngineSettings) -> LaunchedContainer:
    """Make the demo container anew and start it. There must be none that runs."""
    if os.geteuid() != 0:
        raise AccessDeniedError(
            "starting the demo container needs root",
            hint="run `sudo exectop demo`, or start a container of your own by other means",
        )
    root, runtime = demo_root(settings), _demo_runtime(settings)
    folder = demo_folder(settings)
    if (root / DEMO_NAME).exists() and not folder.exists():
        raise ContainerStateError(
            f"{root} already has a container {DEMO_NAME} that is not ours",
            hint=f"remove it with: {runtime} --root {root} delete {DEMO_NAME}",
        )
    delete_container(runtime, root, DEMO_NAME)
    remove_files(folder)
    rootfs, busybox = folder / "rootfs", find_busybox()
    # Two runtime roots may each have a demo container; in one cgroup, the end of one would be
    # the end of the other.
    cgroup = f"/{DEMO_NAME}-{container_key(str(root), DEMO_NAME)[:12]}"
    plan = busybox_programs(rootfs, busybox, cgroup) if busybox else host_programs(rootfs, cgroup)
    return launch_container(runtime, root, DEMO_NAME, folder / "bundle", plan)


def stop_demo(settings: EngineSettings, container: ContainerInfo | None) -> None:
    """Remove the demo container, if there is one, and all its files."""
    if container is not None:
        runtime = settings.crun if container.runtime == "crun" else settings.runc
        delete_container(runtime, Path(container.root), container.id)
    remove_files(demo_folder(settings))


def demo_root(settings: EngineSettings) -> Path:
    """The runtime's state folder in which the demo container is recorded."""
    return Path((settings.roots or default_roots())[0])


def remove_files(folder: Path) -> None:
    """Remove a folder, unless something is mounted below it: that would be emptied too."""
    mounted = [place for place in _mount_points() if place.is_relative_to(folder)]
    if mounted:
        raise StateError(
            f"{mounted[0]} is mounted, so {folder} cannot be removed",
            hint=f"unmount it first: umount {mounted[0]}",
        )
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StateError(
            f"cannot remove {folder}: {error.strerror}", hint="remove it by hand"
        ) from error


def _demo_runtime(settings: EngineSettings) -> str:
    usable = [each for each in (settings.runc, settings.crun) if shutil.which(each)]
    return usable[0] if usable else settings.runc


def busybox_programs(rootfs: Path, busybox: Path, cgroup: str) -> BundlePlan:
    """A demo container whose programs are those of busybox."""
    build_busybox_rootfs(rootfs, busybox)
    return BundlePlan(
        rootfs=rootfs, hostname=DEMO_NAME, annotations=ANNOTATIONS, cgroups_path=cgroup
    )


def host_programs(rootfs: Path, cgroup: str) -> BundlePlan:
    """A demo container whose programs are the host's own, read-only."""
    build_host_rootfs(rootfs)
    return BundlePlan(
        rootfs=rootfs,
        hostname=DEMO_NAME,
        annotations=ANNOTATIONS,
        cgroups_path=cgroup,
        mounts=(_HOST_USR,),
    )


def _mount_points() -> list[Path]:
    lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    return [Path(line.split()[4].encode().decode("unicode_escape")) for line in lines]
