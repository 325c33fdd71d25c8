"""Giving up a start half-way: the monitor, the runtime it has called, and what that has begun.

conmon adopts what its children leave behind (prctl(2) PR_SET_CHILD_SUBREAPER), so everything it
has begun descends from it for as long as it lives. Killed first, it would leave an OCI runtime
that goes on to start the process, which then nobody knows of.
"""

from __future__ import annotations

import contextlib
import select
import signal
import time
from collections import defaultdict

from runtime.errors import AccessDeniedError
from runtime.kernel.cmdline import command_line
from runtime.kernel.pidfd import pidfd, send_signal
from runtime.kernel.proc import ProcessStat, all_stats, identify_noted, read_stat
from runtime.model import ProcessIdentity
from runtime.oci.bundle import ExecBundle
from runtime.oci.conmon_arguments import read_arguments

# In seconds. Both are over in a moment, but for processes that are stuck in the kernel.
_STOP_PATIENCE = 1.0
_KILL_PATIENCE = 2.0
_PAUSE = 0.001


def noted_monitor(bundle: ExecBundle) -> ProcessIdentity | None:
    """The monitor whose pid is noted in the bundle; None where another process has it now."""
    process = identify_noted(bundle.monitor_pid_file)
    if process is None:
        return None
    arguments = read_arguments(command_line(process.pid))
    return process if arguments and arguments.bundle == str(bundle.folder) else None


def child_of(monitor: ProcessIdentity | None, pid: int) -> ProcessIdentity | None:
    """The process with this pid if it is a child of the monitor; None where it has ended.

    A pid that was told of may be another's by the time one looks.
    """
    stat = read_stat(pid)
    if stat is None or monitor is None or stat.ppid != monitor.pid:
        return None
    return stat.identity


def end_start(monitor: ProcessIdentity) -> None:
    """Kill all that descends from the monitor, then the monitor itself, and wait for the end.

    The wait is a moment long and blocks: being cancelled must not interrupt it.
    """
    with contextlib.suppress(AccessDeniedError):  # a setuid program: there is nothing to be done
        if send_signal(monitor, signal.SIGSTOP):  # or it would go on to call the runtime
            _wait_stopped(monitor)
            _kill_descendants(monitor)
        if send_signal(monitor, signal.SIGKILL):
            _wait_ended(monitor, time.monotonic() + _KILL_PATIENCE)


def _wait_stopped(monitor: ProcessIdentity) -> None:
    # The kernel tells only a parent that a process has stopped, and we are not conmon's.
    deadline = time.monotonic() + _STOP_PATIENCE
    while time.monotonic() < deadline:
        stat = read_stat(monitor.pid)
        if stat is None or stat.identity != monitor or stat.ended or stat.state == "T":
            return
        time.sleep(_PAUSE)


def _kill_descendants(monitor: ProcessIdentity) -> None:
    deadline = time.monotonic() + _KILL_PATIENCE
    before: list[ProcessStat] | None = None
    while time.monotonic() < deadline:
        found = _descendants(monitor, all_stats())
        alive = [each.identity for each in found if not each.ended]
        for process in alive:
            send_signal(process, signal.SIGKILL)
        # One that was alive when the pids were listed may have had a child and ended since. Where
        # all had ended before the listing began, and nobody is new, there is nobody.
        if not alive and found == before:
            return
        if alive:
            _wait_ended(alive[0], deadline)
        before = found


def _descendants(monitor: ProcessIdentity, stats: list[ProcessStat]) -> list[ProcessStat]:
    children: dict[int, list[ProcessStat]] = defaultdict(list)
    for each in stats:
        if each.start_time >= monitor.start_time:
            children[each.ppid].append(each)
    found: list[ProcessStat] = []
    queue = [monitor.pid]
    while queue:
        more = children.pop(queue.pop(), [])
        found += more
        queue += [each.pid for each in more]
    return found


def _wait_ended(process: ProcessIdentity, deadline: float) -> None:
    with pidfd(process) as descriptor:
        if descriptor is not None:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
