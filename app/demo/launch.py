"""Start and remove containers with the runtime's own command line (runc, crun).

This is no engine: it is just enough for a demo container, and for tests that need real ones.
"""

from __future__ import annotations

import select
import shutil
import subprocess
import time
from pathlib import Path

import msgspec

from app.demo.bundle import BundlePlan, write_bundle
from runtime.errors import OCIRuntimeError, RuntimeMissingError
from runtime.kernel.cgroup import is_frozen
from runtime.kernel.pidfd import pidfd
from runtime.kernel.proc import identify
from runtime.model import ContainerInfo, ContainerState, ProcessIdentity

_LIMIT = 60.0
_PAUSE = 0.005
_ERROR_FILE = "start.log"


class LaunchedContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A running container that this program started, and how to end it.

    `runtime` is the name of the runtime, `program` what it was started with, `cgroup` the name
    of its cgroup in each hierarchy.
    """

    id: str
    runtime: str
    program: str
    root: Path
    bundle: Path
    rootfs: Path
    init: ProcessIdentity
    cgroup: str

    @property
    def pid(self) -> int:
        """Host pid of the first process."""
        return self.init.pid

    @property
    def info(self) -> ContainerInfo:
        """The record of this container, as discovery should find it."""
        return ContainerInfo(
            id=self.id,
            name=self.id,
            engine=self.runtime,
            runtime=self.runtime,
            root=str(self.root),
            bundle=str(self.bundle),
            state=ContainerState.RUNNING,
            init=self.init,
        )

    def kill(self, signal: str = "KILL") -> None:
        """Send `signal` to the container's first process."""
        run_runtime(self.program, self.root, "kill", self.id, signal)

    def pause(self) -> None:
        """Freeze all processes of the container, and wait until they are frozen."""
        run_runtime(self.program, self.root, "pause", self.id)
        end = time.monotonic() + _LIMIT
        # crun does not wait, and the kernel tells nobody (cgroup v1).
        while not is_frozen(self.pid):
            if time.monotonic() > end:
                raise OCIRuntimeError(f"container {self.id} does not freeze")
            time.sleep(_PAUSE)

    def resume(self) -> None:
        """Let a paused container go on."""
        run_runtime(self.program, self.root, "resume", self.id)

    def delete(self) -> None:
        """Kill what still runs, remove the container from its runtime's state, wait for the end."""
        with pidfd(self.init) as descriptor:
            delete_container(self.program, self.root, self.id)
            if descriptor is not None:
                # crun's delete does not wait for the process that it kills.
                select.select([descriptor], [], [], _LIMIT)


def launch_container(
    runtime: str, root: Path, container_id: str, bundle: Path, plan: BundlePlan
) -> LaunchedContainer:
    """Write the bundle and start the container, detached.

    `runtime` is a name for PATH or a path, `root` the runtime's state folder.
    """
    write_bundle(bundle, plan)
    root.mkdir(parents=True, exist_ok=True)
    pid_file = bundle / "init.pid"
    run_runtime(
        runtime,
        root,
        *("run", "--detach", "--pid-file", str(pid_file), "--bundle", str(bundle), container_id),
        errors=bundle / _ERROR_FILE,
    )
    return LaunchedContainer(
        id=container_id,
        runtime=Path(runtime).name,
        program=runtime,
        root=root,
        bundle=bundle,
        rootfs=plan.rootfs,
        cgroup=plan.cgroups_path.strip("/") or container_id,
        init=_identify(int(pid_file.read_text("ascii"))),
    )


def delete_container(runtime: str, root: Path, container_id: str) -> None:
    """Remove a container by force; one that is gone already is no error."""
    if (root / container_id).exists():
        run_runtime(runtime, root, "delete", "--force", container_id)


def run_runtime(runtime: str, root: Path, *words: str, errors: Path | None = None) -> None:
    """Run a sub-command of the runtime; what it says on failure becomes the error's text.

    The container's first process inherits the standard streams, so they are never pipes here:
    those would stay open for as long as the container runs.
    """
    program = shutil.which(runtime)
    if program is None:
        raise RuntimeMissingError(
            f"{runtime} is not installed", hint=f"install the package {Path(runtime).name}"
        )
    command = [program, "--root", str(root), *words]
    said = _run_to_pipe(command) if errors is None else _run_to_file(command, errors)
    if said is not None:
        raise OCIRuntimeError(
            f"{runtime} {words[0]} failed: {_last_words(said)}",
            hint=f"try it by hand: {' '.join(command)}",
            container_id=words[-1],
        )


def _run_to_pipe(command: list[str]) -> bytes | None:
    done = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT
    )
    return done.stderr if done.returncode else None


def _run_to_file(command: list[str], errors: Path) -> bytes | None:
    with errors.open("wb") as sink:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=sink,
            timeout=_LIMIT,
        )
    return errors.read_bytes() if done.returncode else None


def _identify(pid: int) -> ProcessIdentity:
    found = identify(pid)
    if found is None:
        raise OCIRuntimeError(
            f"the container's first process {pid} ended at once",
            hint=f"look into the bundle's {_ERROR_FILE} for what it printed",
        )
    return found


def _last_words(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
