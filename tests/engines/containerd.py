"""containerd in a folder of its own, driven with `ctr`."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from tests.engines.commands import Daemon, run

_CONFIG = """
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{folder}/c.sock"
"""
# Where runc's state is: containerd has one place for it, wherever its own folders are.
ROOTS = Path("/run/containerd/runc")


class Containerd:
    """A daemon of ours, and containers in a namespace of their own."""

    def __init__(self, folder: Path, rootfs: Path) -> None:
        """Start the daemon; `folder` must have a short path. Raises EngineFailedError."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.namespace = f"xt-{os.getpid()}"
        self.root = ROOTS / self.namespace
        self._rootfs = rootfs
        self._made: list[str] = []
        config = folder / "config.toml"
        config.write_text(_CONFIG.format(folder=folder))
        words = ["containerd", "--config", str(config)]
        self._daemon = Daemon(words, folder / "containerd.log", lambda: self.do("version"))

    def do(self, *words: str) -> str:
        """Any ctr command, in our namespace. Raises EngineFailedError."""
        return run("ctr", "-a", f"{self.folder}/c.sock", "-n", self.namespace, *words)

    def load(self, archive: Path) -> None:
        """Import an image as `docker save` writes it."""
        self.do("images", "import", str(archive))

    def run(self, name: str, *command: str, options: tuple[str, ...] = (), image: str = "") -> str:
        """Start a container, from an image or from the root filesystem; gives its id."""
        words = ["run", "-d", "--env", "PATH=/bin", *options]
        words += [image] if image else ["--rootfs", str(self._rootfs)]
        self._made.append(name)
        self.do(*words, name, *(command or ("sleep", "100000")))
        return name

    def remove(self, name: str) -> None:
        """Remove a container, whatever it does."""
        self._made.remove(name)
        self.do("tasks", "rm", "--force", name)
        self.do("containers", "rm", name)

    @property
    def pid(self) -> int:
        """The daemon's process."""
        return self._daemon.pid

    def close(self) -> None:
        """Remove the containers and end the daemon."""
        try:
            for name in list(self._made):
                self.remove(name)
        finally:
            self._daemon.stop()
            with contextlib.suppress(FileNotFoundError):
                self.root.rmdir()
