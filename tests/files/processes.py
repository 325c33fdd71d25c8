"""A made-up /proc."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class MadeUpProc:
    """Processes of nothing but files: what ProcFolder reads of engines' processes."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        folder.mkdir(parents=True, exist_ok=True)

    def start(
        self,
        pid: int,
        line: str,
        *,
        cwd: Path | str = "/",
        environment: dict[str, str] | None = None,
        namespace: str = "",
        owner: int | None = None,
        comm: str = "",
    ) -> Path:
        """A process with this command line; `namespace` "" is our own mount namespace."""
        folder = self.path / str(pid)
        (folder / "ns").mkdir(parents=True)
        words = line.split()
        name = comm or Path(words[0]).name[:15]
        (folder / "comm").write_text(f"{name}\n")
        (folder / "cmdline").write_text("".join(f"{word}\0" for word in words))
        variables = (f"{key}={value}\0" for key, value in (environment or {}).items())
        (folder / "environ").write_text("".join(variables))
        (folder / "cwd").symlink_to(cwd)
        (folder / "ns/mnt").symlink_to(namespace or os.readlink("/proc/self/ns/mnt"))
        if owner is not None:
            os.chown(folder, owner, -1)
        return folder

    def exec(self, pid: int, line: str) -> None:
        """The process runs another program."""
        words = line.split()
        (self.path / str(pid) / "comm").write_text(Path(words[0]).name[:15] + "\n")
        (self.path / str(pid) / "cmdline").write_text("".join(f"{word}\0" for word in words))

    def end(self, pid: int) -> None:
        """The process is gone."""
        shutil.rmtree(self.path / str(pid))
