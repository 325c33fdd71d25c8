"""podman as an ordinary user, with one id only and without cgroups."""

from __future__ import annotations

import select
import signal
import subprocess
from pathlib import Path

from runtime.kernel.cmdline import command_line
from runtime.kernel.pidfd import pidfd, send_signal
from runtime.kernel.proc import identify_noted
from runtime.model import ProcessIdentity
from tests.conftest import skip_or_fail
from tests.integration.rootless.conftest import OrdinaryUser

_COMMAND = ("podman", "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs")


class RootlessPodman:
    """Containers of a user's own podman, with its storage in the user's home."""

    def __init__(self, user: OrdinaryUser, rootfs: Path) -> None:
        self._user = user
        self._rootfs = rootfs
        self._made: list[str] = []
        subprocess.run(["chown", "-R", f"{user.uid}:{user.gid}", str(rootfs)], check=True)

    def run(self, name: str, runtime: str) -> str:
        """Start a container; gives its full id."""
        words = [*_COMMAND, "--runtime", runtime, "run", "-d", "--name", name, "--network", "none"]
        words += ["--cgroups", "disabled", "--rootfs", str(self._rootfs), "sleep", "100000"]
        done = self._user.run(*words)
        if done.returncode:
            skip_or_fail(f"podman runs no rootless container here: {done.stderr.decode()}")
        self._made.append(name)
        return done.stdout.decode().strip()

    def close(self) -> None:
        """Remove the containers, and end the process that podman keeps in the background."""
        running = self._user.processes()
        monitors = [each for each in running if "conmon" in "".join(command_line(each.pid)[:1])]
        for name in self._made:
            done = self._user.run(*_COMMAND, "rm", "-f", "-t", "0", name)
            assert done.returncode == 0, done.stderr
        for each in monitors:
            _wait_ended(each)  # each runs podman once more in the end
        pause = identify_noted(self._user.runtime_folder / "libpod/tmp/pause.pid")
        if pause is not None:
            send_signal(pause, signal.SIGKILL)
            _wait_ended(pause)


def _wait_ended(process: ProcessIdentity) -> None:
    with pidfd(process) as descriptor:
        if descriptor is not None:
            assert select.select([descriptor], [], [], 60)[0], f"{process} runs on"
