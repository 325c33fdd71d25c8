"""Whether a process is frozen, by the freezer of cgroup v1 or v2 (cgroups(7))."""

from __future__ import annotations

from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def is_frozen(pid: int) -> bool:
    """Whether the cgroup of the process is frozen, which runc and crun call paused."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return False
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "freezer":
            frozen = _reads(_CGROUP / "freezer" / path[1:] / "freezer.state", "FROZEN")
        elif not controllers:
            # Not cgroup.freeze: a cgroup below a frozen one is frozen, too.
            frozen = _reads(_CGROUP / path[1:] / "cgroup.events", "frozen 1")
        else:
            continue
        if frozen:
            return True
    return False


def _reads(file: Path, value: str) -> bool:
    try:
        return value in file.read_text().splitlines()
    except OSError:
        return False
