"""Whether a process is frozen, by the freezer of cgroup v1 or v2 (cgroups(7))."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
# The controller that freezes in version 1.
_V1 = "freezer"
_SHORT = 512


def is_frozen(pid: int) -> bool:
    """Whether the cgroup of the process is frozen, which runc and crun call paused."""
    return any(_reads(file, value) for file, value in _freezer_files(pid))


class Freezer:
    """`is_frozen` for one process, asked again and again: the files that tell are kept open.

    A process that is moved to another cgroup while the old one goes on is not noticed.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._files: list[tuple[int, bytes]] = []
        self._open()

    def is_frozen(self) -> bool:
        """Whether the cgroup of the process is frozen now."""
        try:
            return self._read()
        except OSError:  # ENODEV: that cgroup is gone, the process is in another or has ended
            self.close()
            self._open()
        try:
            return self._read()
        except OSError:
            return False

    def _read(self) -> bool:
        return any(
            line in os.pread(descriptor, _SHORT, 0).splitlines() for descriptor, line in self._files
        )

    def _open(self) -> None:
        for file, line in _freezer_files(self._pid):
            with contextlib.suppress(OSError):  # the top cgroup has none, and there may be no room
                descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
                self._files.append((descriptor, line.encode()))

    def close(self) -> None:
        """Close the files."""
        while self._files:
            os.close(self._files.pop()[0])


def _freezer_files(pid: int) -> Iterator[tuple[Path, str]]:
    """The files that tell, each with the line that says frozen."""
    for controllers, path in _cgroups(str(pid)):
        if controllers == _V1:
            yield _CGROUP / _V1 / path[1:] / "freezer.state", "FROZEN"
        elif not controllers:
            # Not cgroup.freeze: a cgroup below a frozen one is frozen, too.
            yield _CGROUP / path[1:] / "cgroup.events", "frozen 1"


def release_killed(pid: int) -> None:
    """Let a process die that was sent SIGKILL while it was frozen.

    Version 2 ends such a process by itself. Version 1 leaves it frozen for ever, so it is moved
    into our own cgroup there: it dies before it runs anything. Does nothing for one that is not
    frozen, or where that is not allowed.
    """
    ours = dict(_cgroups("self")).get(_V1)
    if ours is None or not is_frozen(pid):
        return
    with contextlib.suppress(OSError):  # then it stays as it is, and whoever waits for it is told
        (_CGROUP / _V1 / ours[1:] / "cgroup.procs").write_text(str(pid))


def _cgroups(process: str) -> list[tuple[str, str]]:
    """The controllers and the path of each cgroup the process is in."""
    try:
        lines = Path(f"/proc/{process}/cgroup").read_text().splitlines()
    except OSError:
        return []
    parts = (line.split(":", 2) for line in lines)
    return [(controllers, path) for _, controllers, path in parts]


def _reads(file: Path, value: str) -> bool:
    try:
        return value in file.read_text().splitlines()
    except OSError:
        return False
