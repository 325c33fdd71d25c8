"""Whether a process is frozen, by the freezer of cgroup v1 or v2 (cgroups(7))."""

from __future__ import annotations

import contextlib
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
# The controller that freezes in version 1.
_V1 = "freezer"


def is_frozen(pid: int) -> bool:
    """Whether the cgroup of the process is frozen, which runc and crun call paused."""
    for controllers, path in _cgroups(str(pid)):
        if controllers == _V1:
            frozen = _reads(_CGROUP / _V1 / path[1:] / "freezer.state", "FROZEN")
        elif not controllers:
            # Not cgroup.freeze: a cgroup below a frozen one is frozen, too.
            frozen = _reads(_CGROUP / path[1:] / "cgroup.events", "frozen 1")
        else:
            continue
        if frozen:
            return True
    return False


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
