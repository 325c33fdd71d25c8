"""What the rules for stuck sessions need to know: from /proc, and in one case from dockerd."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from runtime.discovery.attached import AttachedClients
from runtime.discovery.docker_api import DockerExec, ask_exec
from runtime.discovery.docker_clients import ClientFate, DockerClients
from runtime.discovery.docker_daemon import DockerDaemon
from runtime.discovery.foreground_clients import ForegroundClients
from runtime.discovery.stuck import Facts, judge
from runtime.discovery.unreported import UnreportedFinder
from runtime.kernel.cgroup import is_frozen
from runtime.kernel.namespaces import own_namespace
from runtime.kernel.proc import ProcessStat
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, ExecState, ProcessIdentity, SessionInfo
from runtime.protocol.conmon_options import conmon_flags

_CONMON_S = ("podman", "cri-o")
# What runs in its client's foreground has that, and nobody else, for a monitor.
_ALONE = ("runc", "crun", "youki", "nsenter")
# So long, in seconds, dockerd may take to note a new exec's pid; and a mute one is not asked again.
_YOUNG, _REST = 10.0, 60.0
_DELETED = " (deleted)"


class StuckFinder:
    """Says of each session what is the matter with it."""

    def __init__(
        self,
        proc: ProcFolder,
        daemons: Callable[[], Sequence[DockerDaemon]],
        monitors: Callable[[], Mapping[int, int]],
        idle_limit: float = 0.0,
    ) -> None:
        """`daemons` gives the Docker daemons that run, `monitors` the conmons (pids and inodes).

        `idle_limit` is in seconds, 0 for none.
        """
        self._proc = proc
        self._daemons = daemons
        self._clients = DockerClients(proc)
        self._idle_limit = idle_limit
        self.unreported = UnreportedFinder(proc, monitors)
        self._connections = AttachedClients(proc)
        self._foreground = ForegroundClients()
        self._attached: set[ProcessIdentity] = set()
        self._input: dict[ProcessIdentity, bool] = {}
        self._execs: dict[ProcessIdentity, tuple[int, DockerExec] | None] = {}
        self._mute: dict[str, float] = {}
        self._containers: Sequence[ContainerInfo] = ()
        self._sessions: Sequence[SessionInfo] = ()

    def judged(
        self,
        sessions: Sequence[SessionInfo],
        containers: Sequence[ContainerInfo],
        stats: Mapping[int, ProcessStat],
        idle_limit: float | None = None,
    ) -> list[SessionInfo]:
        """The sessions, each with what is the matter with it.

        With them those of which nothing is left but a monitor that sleeps, or a wrong record.
        `stats` is what /proc has just said of their first processes, by pid.
        """
        self._clients.begin_look()
        self._connections.begin_look()
        self._containers, self._sessions = containers, sessions
        living = {_leader(each) for each in sessions}
        self._foreground.forget_all_but(living)
        self._attached &= living
        self._input = {key: said for key, said in self._input.items() if key in living}
        self._execs = {key: told for key, told in self._execs.items() if key in living}
        limit = self._idle_limit if idle_limit is None else idle_limit
        judged = []
        for each in sessions:
            stat = stats.get(each.pid) or self._stat(each)
            stuck = judge(each, self._facts(each, stat, limit), limit)
            judged.append(msgspec.structs.replace(each, stuck=stuck) if stuck else each)
        without_process = self.unreported.find(containers, {each.id for each in sessions})
        if without_process:
            judged = sorted([*judged, *without_process], key=lambda each: (each.created, each.id))
        return judged

    def judged_again(self, session: SessionInfo) -> SessionInfo:
        """One of the sessions, as it is now."""
        if self.unreported.session(session.id) is not None:
            return session
        self._clients.begin_look()
        self._connections.begin_look()
        limit = self._idle_limit
        stuck = judge(session, self._facts(session, self._stat(session), limit), limit)
        return msgspec.structs.replace(session, stuck=stuck)

    def _stat(self, session: SessionInfo) -> ProcessStat | None:
        return self._proc.stat(session.pid) if session.pid else None

    def _facts(self, session: SessionInfo, stat: ProcessStat | None, limit: float) -> Facts:
        if stat is None or stat.start_time != session.start_time:
            return Facts()
        monitor = self._proc.stat(stat.ppid) if stat.state == "Z" else None
        return Facts(
            leader_state=stat.state,
            monitor_state=monitor.state if monitor else "",
            frozen=stat.state == "D" and is_frozen(session.pid),
            busy=0 < limit <= (session.idle or 0) and self._is_busy(session),
            client=self._client(session, stat.ppid),
            terminal_gone=session.origin == "orphan" and self._has_dead_terminal(session),
        )

    def _is_busy(self, session: SessionInfo) -> bool:
        seen = (self._proc.stat(each.process.pid) for each in session.tree)
        return any(each.state in "RD" for each in seen if each)

    def _has_dead_terminal(self, session: SessionInfo) -> bool:
        """devpts forgets a terminal once its master is closed (devpts_pty_kill, fs/devpts)."""
        return any(
            link.startswith("/dev/pts/") and link.endswith(_DELETED)
            for each in session.tree
            for number in range(3)
            if (link := self._proc.link(each.process.pid, f"fd/{number}"))
        )

    def _client(self, session: SessionInfo, parent: int) -> ClientFate:
        if session.recorded or session.state is not ExecState.RUNNING or not session.monitor_alive:
            return ClientFate.UNKNOWN  # one can come back to ours
        if session.origin in _CONMON_S:
            return self._client_of_conmon(session, parent)
        if session.origin == "docker":
            return self._client_of_docker(session)
        if session.origin in _ALONE:
            return self._foreground.fate(session)
        return ClientFate.UNKNOWN

    def _client_of_conmon(self, session: SessionInfo, conmon: int) -> ClientFate:
        """A client that was there left a closed connection, until the session printed again.

        It is not known of a session without standard input that it is no `podman exec -d` which
        somebody visited. With standard input exectop's visits last until the end (see adopt).
        """
        leader = _leader(session)
        if session.attached:
            self._attached.add(leader)
            return ClientFate.PRESENT
        if leader not in self._attached and not self._connections.left(conmon):
            return ClientFate.UNKNOWN
        self._attached.add(leader)
        # Connections can only be counted where they can be seen.
        if self._proc.link(conmon, "ns/net") != own_namespace("net"):
            return ClientFate.UNKNOWN
        return ClientFate.GONE if self._has_input(leader, conmon) else ClientFate.LEFT

    def _has_input(self, leader: ProcessIdentity, conmon: int) -> bool:
        """Whether a client began the session with its standard input (podman exec -i)."""
        if leader not in self._input:
            flags = conmon_flags(self._proc.command(conmon))
            self._input[leader] = "stdin" in flags and "leave-stdin-open" not in flags
        return self._input[leader]

    def _client_of_docker(self, session: SessionInfo) -> ClientFate:
        daemon, told = self._told(session) or (0, None)
        if told is None or not told.running or not told.attached:
            return ClientFate.UNKNOWN  # nobody was ever to be attached
        here = [each for each in self._sessions if each.container_key == session.container_key]
        same = [each for each in here if (of := self._told(each)) and of[1].command == told.command]
        others = [each for each in self._containers if each.key != session.container_key]
        starts = [each.start_time for each in same]
        return self._clients.fate(session, daemon, told.command, starts, others)

    def _told(self, session: SessionInfo) -> tuple[int, DockerExec] | None:
        """The dockerd that began a session, and what it says of it; None where none answers."""
        if session.origin != "docker":
            return None
        leader = _leader(session)
        if leader not in self._execs:
            answers = (
                (daemon.pid, told)
                for daemon in self._daemons()
                for path in daemon.sockets
                if (told := self._ask(path, session)) and told.pid == session.pid
            )
            found = next(answers, None)
            if found is None and time.time() - session.created < _YOUNG:
                return None
            self._execs[leader] = found
        return self._execs[leader]

    def _ask(self, path: str, session: SessionInfo) -> DockerExec | None:
        if time.monotonic() < self._mute.get(path, 0.0):
            return None
        try:
            return ask_exec(Path(path), session.id)
        except TimeoutError:
            self._mute[path] = time.monotonic() + _REST
            return None


def _leader(session: SessionInfo) -> ProcessIdentity:
    return ProcessIdentity(pid=session.pid, start_time=session.start_time)
