"""dockerd (with its own containerd) in a folder of its own."""

from __future__ import annotations

from pathlib import Path

from tests.engines.commands import Daemon, run

_IMAGE = "exectop-test"


class Docker:
    """A daemon of ours, and containers from one imported image."""

    def __init__(self, folder: Path, rootfs: Path, options: tuple[str, ...] = ()) -> None:
        """Start the daemon with further `options`; `folder` must have a short path.

        Raises EngineFailedError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.socket = folder / "docker.sock"
        self.root = folder / "exec" / "runtime-runc" / "moby"
        self.command = ["docker", "-H", f"unix://{self.socket}"]
        self._made: list[str] = []
        words = ["dockerd", "--iptables=false", "--bridge=none", "-H", f"unix://{self.socket}"]
        words += ["--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
        words += ["--pidfile", str(folder / "docker.pid"), *options]
        self._daemon = Daemon(words, folder / "dockerd.log", lambda: self.do("version"))
        try:
            tree = folder / "rootfs.tar"
            run("tar", "-C", str(rootfs), "-cf", str(tree), ".")
            self.do("import", str(tree), _IMAGE)
        except BaseException:
            self.close()
            raise

    def run(self, name: str, *command: str, options: tuple[str, ...] = ()) -> str:
        """Start a container; gives its full id."""
        words = ["run", "-d", "--name", name, "--network", "none", *options, _IMAGE]
        container = self.do(*words, *(command or ("sleep", "100000")))
        self._made.append(name)
        return container

    def remove(self, name: str) -> None:
        """Remove a container, whatever it does."""
        self._made.remove(name)
        self.do("rm", "-f", name)

    def save(self, archive: Path) -> str:
        """Write the image to a file; gives the name under which it is in there."""
        self.do("save", "-o", str(archive), _IMAGE)
        return f"docker.io/library/{_IMAGE}:latest"

    def do(self, *words: str) -> str:
        """Any docker command. Raises EngineFailedError."""
        return run(*self.command, *words)

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
