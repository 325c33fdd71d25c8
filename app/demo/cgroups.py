"""The host's cgroup folders, as far as starting small containers needs them.

crun refuses a host on which some version 1 controllers are mounted and others are left to the
unified hierarchy. The unused ones can be mounted beside the others; nothing else changes.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from runtime.errors import OCIRuntimeError

_TOP = Path("/sys/fs/cgroup")
_UNUSED = (("hugetlb",), ("net_cls", "net_prio"), ("perf_event",))


def mount_missing_controllers() -> list[Path]:
    """Mount the unused version 1 controllers where the host has some of the others mounted."""
    mounted = _mounted_controllers()
    if not mounted:
        return []
    made = []
    for group in _UNUSED:
        if mounted.isdisjoint(group) and set(group) <= _known_controllers():
            made.append(_mount(group))
    return made


def folders_of(cgroup: str) -> list[Path]:
    """The folders of a cgroup, in whatever hierarchy."""
    if not _TOP.is_dir():
        return []
    tops = [_TOP, *(entry for entry in _TOP.iterdir() if entry.is_dir())]
    return [top / cgroup for top in tops if (top / cgroup).is_dir()]


def _mounted_controllers() -> set[str]:
    lines = Path("/proc/self/mounts").read_text("utf-8").splitlines()
    fields = [line.split() for line in lines]
    return {name for field in fields if field[2] == "cgroup" for name in field[3].split(",")}


def _known_controllers() -> set[str]:
    lines = Path("/proc/cgroups").read_text("ascii").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return {name for name, hierarchy, _, enabled in rows if hierarchy == "0" and enabled == "1"}


def _mount(group: tuple[str, ...]) -> Path:
    options = ",".join(group)
    folder = _TOP / options
    folder.mkdir(exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"cgroup", os.fsencode(folder), b"cgroup", 0, options.encode()) != 0:
        number = ctypes.get_errno()
        # Another process was faster: that is what was wanted.
        if not set(group) <= _mounted_controllers():
            raise OCIRuntimeError(
                f"cannot mount the cgroup controllers {options}: {os.strerror(number)}",
                hint="crun needs them beside the version 1 controllers that are mounted",
            )
    return folder
