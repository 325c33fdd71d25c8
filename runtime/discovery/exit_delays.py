"""Exec sessions that have ended, and whose conmon waits before it says so to their engine.

conmon notes the exit code, then a child of it sleeps for `--exit-delay` seconds before it becomes
the exit command, which is what tells the engine (conmon src/ctr_exit.c, do_exit_command). podman's
API asks for 300 seconds with each detached session; until they are over podman says that it runs.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from runtime.discovery.actions import with_actions
from runtime.discovery.exec_monitors import ExecMonitor, ExecMonitors
from runtime.discovery.stuck import Facts, Unreported
from runtime.kernel.beneath import read_file
from runtime.kernel.namespaces import own_namespace
from runtime.kernel.pid_counter import PidCounter
from runtime.kernel.proc import ProcessStat, started_at
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, ExecState, Mending, SessionInfo, SessionProcess

# Conmon's process may be about to become the exit command: so long before, in seconds, it is left.
_ABOUT_TO = 5.0
# A session's first process begins so many ticks after its monitor at most, also on a busy host; the
# kernel does not get once through all pids in that time.
_SETUP_TICKS = 300
# So many pids are looked at, and so many others must be given out before one of them is.
_MOST_PIDS, _ROOM = 4096, 1024
_LONGEST_NUMBER, _LONGEST_SPEC = 16, 1024 * 1024


class _User(msgspec.Struct, frozen=True):
    uid: int = 0


class _Spec(msgspec.Struct, frozen=True):
    args: list[str] = []
    user: _User = _User()


def asleep(
    proc: ProcFolder, monitors: ExecMonitors, containers: Mapping[str, ContainerInfo]
) -> Iterator[Unreported]:
    """The sessions whose monitors sleep; `containers` are by id."""
    for pid, words in monitors.with_delay():
        container, sleeper = containers.get(words.container), proc.stat(pid)
        if container is None or sleeper is None or sleeper.ended:
            continue
        monitor = _monitor(proc, monitors, sleeper, words)
        code = _exit_code(words, container)
        # Without an exit code it has just been forked to become the runtime.
        if monitor is not None and code is not None:
            yield _unreported(proc, container, (sleeper, monitor), words, code)


def _monitor(
    proc: ProcFolder, monitors: ExecMonitors, sleeper: ProcessStat, words: ExecMonitor
) -> ProcessStat | None:
    """The conmon whose child this is, if that is still conmon, too, and not in a container."""
    is_conmon = proc.command(sleeper.pid) == words.words
    is_ours = proc.link(sleeper.pid, "ns/pid") == own_namespace("pid")
    if not is_conmon or not is_ours or monitors.get(sleeper.ppid) != words:
        return None
    return proc.stat(sleeper.ppid)


def _exit_code(words: ExecMonitor, container: ContainerInfo) -> int | None:
    """What conmon noted, -1 where it did not know it; None where it has noted nothing.

    Its files count only if they are where the engine keeps those of this container: anybody may
    call a program conmon, and give it any words.
    """
    bundle = Path(container.bundle, words.session)
    if (Path(words.bundle), Path(words.exit_dir)) != (bundle, bundle / "exit"):
        return None
    try:
        return int(read_file(bundle / "exit" / container.id, _LONGEST_NUMBER))
    except (OSError, ValueError):
        return None


def _unreported(
    proc: ProcFolder,
    container: ContainerInfo,
    pair: tuple[ProcessStat, ProcessStat],
    words: ExecMonitor,
    code: int,
) -> Unreported:
    sleeper, monitor = pair
    left = started_at(sleeper.identity) + words.delay - time.time()
    owner, spec = proc.status(monitor.pid), _spec(words)
    described = SessionInfo(
        id=words.session,
        container_id=container.id,
        container_key=container.key,
        container_name=container.name,
        origin="cri-o" if container.engine == "cri-o" else "podman",
        state=ExecState.STOPPED,
        pid=0,
        start_time=0,
        command=spec.args,
        tty=words.terminal,
        user=str(spec.user.uid),
        created=started_at(monitor.identity),
        started=started_at(monitor.identity),
        finished=started_at(sleeper.identity),
        exit_code=code if code >= 0 else None,
        owner=owner.st_uid if owner else 0,
        recorded=False,
        tree=[SessionProcess(process=sleeper.identity, command=sleeper.comm, rule="monitor")],
    )
    # conmon knows no exit code of a process that it did not see end, and may signal that yet.
    mendable = left > _ABOUT_TO and code >= 0 and _is_harmless(proc, monitor, words)
    return Unreported(
        session=with_actions(described),
        facts=Facts(asleep=max(left, 1.0), mendable=mendable),
        mending=Mending(sleeper=sleeper.identity, monitor=monitor.identity),
    )


def _is_harmless(proc: ProcFolder, monitor: ProcessStat, words: ExecMonitor) -> bool:
    """Whether SIGTERM to the one that sleeps does nothing but wake it.

    Its handler passes the signal on to whoever has the pid of the runtime that began the session
    (on_sig_exit in ctr_exit.c, before conmon's commit 8596fc6). That pid lies between those of the
    monitor and of the session's first process; it must not have been given to anybody since.
    """
    try:
        first = int(read_file(Path(words.bundle, "exec_pid"), _LONGEST_NUMBER))
        counter = PidCounter.read()
    except (OSError, ValueError):
        return False
    pids = counter.between(monitor.pid, first)
    if len(pids) > _MOST_PIDS or counter.until(first) < len(pids) + _ROOM:
        return False
    latest = monitor.start_time + _SETUP_TICKS
    stats = (proc.stat(each) for each in pids)
    return all(each.start_time <= latest for each in stats if each is not None)


def _spec(words: ExecMonitor) -> _Spec:
    path = Path(words.spec)
    if path.parent == Path(words.bundle):
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return msgspec.json.decode(read_file(path, _LONGEST_SPEC), type=_Spec)
    return _Spec()
