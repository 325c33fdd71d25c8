"""Having the kernel ready to let a process into a container's cgroup.

A migration between cgroups takes cgroup_threadgroup_rwsem for writing (kernel/cgroup/cgroup.c).
When nobody did so for a while the kernel first waits for an RCU grace period, some 15 ms in which
the OCI runtime stands still; after that the lock stays quick for a while (kernel/rcu/sync.c). A
process that is written to the cgroup it is in already takes the same lock and moves nowhere, so
that the waiting can be done while the monitor is still starting.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
_log = logging.getLogger(__name__)


def make_ready() -> None:
    """Take the lock once. Blocks for up to a grace period: to be called on a thread of its own.

    Where no cgroup of ours may be written to nothing is gained, and nothing lost.
    """
    for file in _own_cgroups():
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(descriptor, str(os.getpid()).encode())
            finally:
                os.close(descriptor)
        except OSError as error:
            _log.debug("%s cannot be written to: %s", file, error.strerror)
        else:
            return


def _own_cgroups() -> Iterator[Path]:
    """The cgroup.procs files of this process, by hierarchy."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        name = controllers.removeprefix("name=")
        for folder in (_CGROUP / name,) if name else (_CGROUP, _CGROUP / "unified"):
            yield folder / path[1:] / "cgroup.procs"
