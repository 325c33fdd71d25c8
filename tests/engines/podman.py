"""podman with storage, run folder and service socket in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.engines.commands import LIMIT, Daemon, EngineFailedError, run

# podman asks for more than a container may give where the tests themselves run in one.
_LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000")

# In seconds: podman takes a tenth of one to forget an exec session, and there may be thousands.
_REMOVAL = 600.0


class Podman:
    """Containers of podman's own making. The runtimes' state is in their default roots."""

    def __init__(self, folder: Path, rootfs: Path) -> None:
        """`folder` must have a short path; `rootfs` is shared by the containers."""
        self.folder = folder
        self.socket = folder / "podman.sock"
        self._rootfs = rootfs
        self._service: Daemon | None = None
        self._made: list[str] = []
        places = {"--root": "root", "--runroot": "run", "--tmpdir": "tmp"}
        self.command = ["podman", "--cgroup-manager", "cgroupfs"]
        for option, name in places.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            self.command += [option, str(folder / name)]

    def run(
        self, name: str, *command: str, runtime: str = "runc", options: tuple[str, ...] = ()
    ) -> str:
        """Start a container; gives its full id."""
        words = [*self.command, "--runtime", runtime, "run", "-d", "--name", name, *_LIMITS]
        words += ["--network", "none", *options, "--rootfs", str(self._rootfs)]
        container = run(*words, *(command or ("sleep", "100000")))
        self._made.append(name)
        return container

    def remove(self, name: str) -> None:
        """Remove a container, whatever it does."""
        self._made.remove(name)
        run(*self.command, "rm", "-f", "-t", "0", name, limit=_REMOVAL)

    @staticmethod
    def root(runtime: str) -> Path:
        """Where the runtime keeps the state of these containers."""
        return Path("/run", runtime)

    def do(self, *words: str) -> str:
        """Any podman command. Raises EngineFailedError."""
        return run(*self.command, *words)

    def serve(self) -> Path:
        """Start the REST service; gives its socket."""
        if self._service is None:
            words = [*self.command, "system", "service", "--time=0", f"unix://{self.socket}"]
            self._service = Daemon(words, self.folder / "service.log", self._answers)
        return self.socket

    def _answers(self) -> str:
        return run("podman", "--remote", "--url", f"unix://{self.socket}", "version")

    def close(self) -> None:
        """Remove the containers, end the service, leave no mount behind."""
        for name in list(self._made):
            self.remove(name)
        if self._service is not None:
            self._service.stop()
        self._wait_for_cleanups()
        # podman mounts it on itself, which os.path.ismount does not see.
        overlay = str(self.folder / "root" / "overlay")
        if any(
            line.split()[1] == overlay for line in Path("/proc/mounts").read_text().splitlines()
        ):
            run("umount", overlay)

    def _wait_for_cleanups(self) -> None:
        """Wait for the monitors, and for what they run once their sessions have ended.

        The containers are gone. The monitors of detached sessions of the REST service would sleep
        for five minutes yet before they told podman of an end that it knows.
        """
        while pids := list(working_in(self.folder)):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    wait_ended(pid)


def working_in(folder: Path) -> Iterator[int]:
    """The processes that were started with a path below that folder."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and f"{folder}/".encode() in (entry / "cmdline").read_bytes():
                yield int(entry.name)


def _is_delayed(pid: int) -> bool:
    """Whether it is a monitor that waits after the end, or the child of it that does."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(b"/conmon") and b"--exit-delay" in words


def wait_ended(pid: int) -> None:
    """Wait for the end of a process; of a monitor that waits itself by ending it.

    Raises EngineFailedError where it goes on, ProcessLookupError where it is gone.
    """
    pidfd = os.pidfd_open(pid)
    try:
        if _is_delayed(pid):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        if not select.select([pidfd], [], [], LIMIT)[0]:
            raise EngineFailedError(f"process {pid} goes on")
    finally:
        os.close(pidfd)
