"""Exec sessions that podman has for running though their process is gone, and their monitor, too.

podman corrects its record when the monitor runs its exit command, and at no other time: a monitor
that was killed leaves "running" and a pid for as long as the container runs. What is left of such a
session is its bundle, `<userdata>/<id>` (libpod ExecSessionBundlePath); only where one is left
without a monitor is podman's database looked at, and only when it was written to.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from runtime.discovery.actions import with_actions
from runtime.discovery.podman_database import PodmanDatabase, PodmanExec
from runtime.discovery.stuck import Facts, Unreported
from runtime.kernel.beneath import read_file
from runtime.kernel.proc import started_at
from runtime.kernel.proc_folder import ProcFolder
from runtime.kernel.stamps import is_settled, now, stamp_or_none
from runtime.model import ContainerInfo, ContainerState, ExecState, Mending, SessionInfo

_RUNNING = 2
_ID_LENGTH = 64
_HEX = set("0123456789abcdef")
_CONMON = b"conmon\n"
# A file's time comes from a coarser clock than a process's; both are in seconds.
_SLACK = 2.0
_LONGEST_PID = 16


class _Folder(msgspec.Struct):
    """The bundles in a container's folder, as it was when it had this stamp."""

    stamp: object
    read: int
    bundles: list[str]


class _Records(msgspec.Struct):
    """What the database had of a container's execs when it had this stamp."""

    stamp: object
    read: int
    execs: dict[str, PodmanExec]


class PodmanRecords:
    """Finds records that nobody will correct."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._folders: dict[str, _Folder] = {}
        self._records: dict[str, _Records] = {}
        self._databases: dict[Path, PodmanDatabase] = {}
        self._without_monitor: set[str] = set()

    def find(
        self, containers: Collection[ContainerInfo], watched: Collection[str]
    ) -> Iterator[Unreported]:
        """Those records; `watched` are known to have a process or a monitor."""
        mine = [each for each in containers if _is_podman_s(each)]
        keys = {each.key for each in mine}
        for known in (self._folders, self._records):
            for key in known.keys() - keys:
                del known[key]
        for container in mine:
            left = [each for each in self._bundles(container) if each not in watched]
            if left:
                yield from self._stale(container, left)
        for database in self._databases.values():
            database.close()

    def _bundles(self, container: ContainerInfo) -> list[str]:
        folder = Path(container.bundle)
        stamp = stamp_or_none(folder)
        known = self._folders.get(container.key)
        if stamp is None:
            return []
        if known is None or known.stamp != stamp or not is_settled(stamp[1], known.read):
            names = [each for each in _names(folder) if len(each) == _ID_LENGTH]
            known = _Folder(stamp, now(), [each for each in names if set(each) <= _HEX])
            self._folders[container.key] = known
        return known.bundles

    def _database(self, container: ContainerInfo) -> PodmanDatabase:
        storage = Path(container.bundle).parents[2]
        return self._databases.setdefault(storage, PodmanDatabase(storage))

    def _execs(self, container: ContainerInfo) -> dict[str, PodmanExec]:
        database = self._database(container)
        stamps, known = database.stamp(), self._records.get(container.key)
        newest = max((each[1] for each in stamps if each), default=0)
        if known is None or known.stamp != stamps or not is_settled(newest, known.read):
            read = now()
            known = _Records(stamps, read, database.execs(container.id))
            self._records[container.key] = known
        return known.execs

    def _stale(self, container: ContainerInfo, bundles: list[str]) -> Iterator[Unreported]:
        execs = self._execs(container)
        for name in bundles:
            known = execs.get(name)
            if known is None or known.state != _RUNNING:
                continue
            began = _began(Path(container.bundle, name), known.pid)
            if began is None:
                continue
            stat = self._proc.stat(known.pid)
            gone = stat is None or started_at(stat.identity) > began + _SLACK
            if gone and self._has_no_monitor(name):
                # A user's podman is not run by anybody else.
                ours = {container.owner, *self._database(container).owners()} == {os.geteuid()}
                reused = stat is not None
                yield _unreported(container, name, known, began, reused=reused, ours=ours)

    def _has_no_monitor(self, session_id: str) -> bool:
        """Whether there is none now: it may have begun after the processes were looked at.

        A session that had been begun when podman's record was read gets no other one.
        """
        if session_id not in self._without_monitor:
            conmons = (pid for pid in self._proc.pids() if self._proc.read(pid, "comm") == _CONMON)
            if any(session_id in self._proc.command(pid) for pid in conmons):
                return False
            self._without_monitor.add(session_id)
        return True


def _is_podman_s(container: ContainerInfo) -> bool:
    living = container.state in (ContainerState.RUNNING, ContainerState.PAUSED)
    return container.engine == "podman" and living and len(Path(container.bundle).parts) > 3


def _names(folder: Path) -> list[str]:
    try:
        return [each.name for each in folder.iterdir()]
    except OSError:
        return []


def _began(bundle: Path, pid: int) -> float | None:
    """When its monitor noted this pid, in seconds since the epoch; None where it did not."""
    path = bundle / "exec_pid"
    try:
        noted = read_file(path, _LONGEST_PID).strip()
        return path.stat().st_mtime if noted == str(pid).encode() else None
    except OSError:
        return None


def _unreported(
    container: ContainerInfo,
    name: str,
    known: PodmanExec,
    began: float,
    *,
    reused: bool,
    ours: bool,
) -> Unreported:
    # podman asks of a pid only whether somebody has it: with another process there it cleans up
    # nothing.
    mendable = not reused and ours and bool(known.config.exit_command)
    described = SessionInfo(
        id=name,
        container_id=container.id,
        container_key=container.key,
        container_name=container.name,
        origin="podman",
        state=ExecState.STOPPED,
        pid=0,
        start_time=0,
        command=known.config.command,
        tty=known.config.terminal,
        user=known.config.user,
        created=began,
        started=began,
        monitor_alive=False,
        owner=container.owner,
        recorded=False,
    )
    return Unreported(
        session=with_actions(described),
        facts=Facts(stale=True, reused=reused, mendable=mendable),
        mending=Mending(
            exit_file=str(Path(container.bundle, name, "exit", container.id)),
            command=known.config.exit_command if mendable else [],
        ),
    )
