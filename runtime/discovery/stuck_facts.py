"""What the rules for stuck sessions need to know: from /proc, and in one case from dockerd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from runtime.discovery.docker_api import ask_exec
from runtime.discovery.docker_clients import ClientFate, DockerClients
from runtime.discovery.docker_daemon import DockerDaemon
from runtime.discovery.stuck import Facts, judge
from runtime.kernel.cgroup import is_frozen
from runtime.kernel.namespaces import own_namespace
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, ExecState, ProcessIdentity, SessionInfo
from runtime.protocol.conmon_options import conmon_flags, conmon_options

_CONMON_S = ("podman", "cri-o")
_DELETED = " (deleted)"


class StuckFinder:
    """Says of each session what is the matter with it."""

    def __init__(
        self,
        proc: ProcFolder,
        daemons: Callable[[], Sequence[DockerDaemon]],
        idle_limit: float = 0.0,
    ) -> None:
        """`daemons` gives the Docker daemons that run; `idle_limit` is in seconds, 0 for none."""
        self._proc = proc
        self._clients = DockerClients(proc, daemons)
        self._idle_limit = idle_limit
        self._attached: dict[ProcessIdentity, bool] = {}
        self._containers: Sequence[ContainerInfo] = ()

    def judged(
        self,
        sessions: Sequence[SessionInfo],
        containers: Sequence[ContainerInfo],
        idle_limit: float | None = None,
    ) -> list[SessionInfo]:
        """The sessions, each with what is the matter with it."""
        self._clients.begin_look()
        self._containers = containers
        living = {_leader(each) for each in sessions}
        self._attached = {key: said for key, said in self._attached.items() if key in living}
        limit = self._idle_limit if idle_limit is None else idle_limit
        judged = []
        for each in sessions:
            stuck = judge(each, self._facts(each), limit)
            judged.append(msgspec.structs.replace(each, stuck=stuck) if stuck else each)
        return judged

    def judged_again(self, session: SessionInfo) -> SessionInfo:
        """One of the sessions, as it is now."""
        self._clients.begin_look()
        stuck = judge(session, self._facts(session), self._idle_limit)
        return msgspec.structs.replace(session, stuck=stuck)

    def _facts(self, session: SessionInfo) -> Facts:
        stat = self._proc.stat(session.pid) if session.pid else None
        if stat is None or stat.start_time != session.start_time:
            return Facts()
        monitor = self._proc.stat(stat.ppid) if stat.state == "Z" else None
        return Facts(
            leader_state=stat.state,
            monitor_state=monitor.state if monitor else "",
            frozen=stat.state == "D" and is_frozen(session.pid),
            busy=session.idle is not None and self._is_busy(session),
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
        return ClientFate.UNKNOWN

    def _client_of_conmon(self, session: SessionInfo, conmon: int) -> ClientFate:
        """A client without standard input is as `podman exec -d`, unless it was seen before."""
        leader = _leader(session)
        if session.attached:
            self._attached[leader] = True
            return ClientFate.PRESENT
        if leader not in self._attached:
            self._attached[leader] = _has_client_s_input(self._proc.command(conmon))
        # Connections can only be counted where they can be seen.
        seen = self._proc.link(conmon, "ns/net") == own_namespace("net")
        if not self._attached[leader] or not seen or not self._proc.names(conmon, "fd"):
            return ClientFate.UNKNOWN
        return ClientFate.GONE

    def _client_of_docker(self, session: SessionInfo) -> ClientFate:
        others = [each for each in self._containers if each.key != session.container_key]
        fate = self._clients.fate(session, others)
        if fate in (ClientFate.UNKNOWN, ClientFate.PRESENT) or self._asked(session):
            return fate
        return ClientFate.UNKNOWN  # nobody was ever to be attached

    def _asked(self, session: SessionInfo) -> bool:
        """Whether dockerd says that the exec was begun for somebody to be attached to."""
        leader = _leader(session)
        if leader not in self._attached:
            answers = (ask_exec(Path(each), session.id) for each in self._clients.sockets())
            theirs = next((each for each in answers if each and each.pid == session.pid), None)
            self._attached[leader] = theirs is not None and theirs.running and theirs.attached
        return self._attached[leader]


def _has_client_s_input(words: Sequence[str]) -> bool:
    """Whether a conmon was begun by a client with standard input.

    podman passes -i on for that. Its REST service does so, too, for sessions that are begun
    detached; those have an exit delay (ExitCommandDelay, libpod define/exec.go).
    """
    flags, options = conmon_flags(words), conmon_options(words)
    return "stdin" in flags and "leave-stdin-open" not in flags and "exit-delay" not in options


def _leader(session: SessionInfo) -> ProcessIdentity:
    return ProcessIdentity(pid=session.pid, start_time=session.start_time)
