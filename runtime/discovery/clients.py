"""Who began a session: the program that a user ran, and where that user came from.

A client in whose foreground a session runs is its parent. A monitor is nobody's child, so clients
of podman and docker are told by their command lines: one that names the container and the command
and is older than the session is likely to be its client; one that names the session's id is
certain to be. Where users came from is in the environment of the client, or of a program above it
(sudo removes SSH_CONNECTION), or of any program of the same audit session.
"""

from __future__ import annotations

import time
from pathlib import PurePath

import msgspec

from runtime.discovery.users import login_of
from runtime.kernel.proc import ProcessStat, is_alive
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import Certainty, SessionClient, SessionInfo

_CLIENTS = ("podman", "docker", "ctr", "nerdctl", "crictl", "kubectl")
_SSH = b"SSH_CONNECTION="
# How far up the chain of parents is looked for it.
_LEVELS = 32
# How long, in seconds, the list of clients is used: reading all command lines takes time.
_RECENT = 1.0
_SHORTEST_PREFIX = 3


class _Candidate(msgspec.Struct, frozen=True):
    stat: ProcessStat
    words: list[str]


class ClientFinder:
    """Looks for clients when somebody asks for one."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._candidates: list[_Candidate] = []
        self._read = -_RECENT

    def find(self, session: SessionInfo) -> SessionClient:
        """All that is known of who began the session."""
        client = session.client
        if client.process is None and not session.recorded and session.origin != "orphan":
            client = self._by_command_line(session)
        pid = client.process.pid if client.process else 0
        owner = self._proc.status(pid) if pid else None
        login = login_of(self._proc, session.pid) if session.pid else None
        return msgspec.structs.replace(
            client,
            uid=owner.st_uid if owner else None,
            login_uid=login,
            tty=self._tty(pid),
            ssh=self._ssh_above(pid) or (self._ssh_of_login(session.pid) if login else ""),
        )

    def _by_command_line(self, session: SessionInfo) -> SessionClient:
        fitting = [
            each
            for each in self._all()
            if each.stat.start_time <= session.start_time
            and _fits(each.words, session)
            and is_alive(each.stat.identity)
        ]
        if not fitting:
            return session.client
        # Of several, the last that began before the session did.
        found = max(fitting, key=lambda each: (each.stat.start_time, each.stat.pid))
        certain = _own_name(session) in found.words
        return msgspec.structs.replace(
            session.client,
            process=found.stat.identity,
            command=found.words,
            certainty=Certainty.CERTAIN if certain else Certainty.LIKELY,
        )

    def _all(self) -> list[_Candidate]:
        """Every process that is a client of an engine and runs an exec."""
        if time.monotonic() - self._read >= _RECENT:
            words = {pid: self._proc.command(pid) for pid in self._proc.pids()}
            fitting = {pid: each for pid, each in words.items() if _is_client(each)}
            stats = {pid: self._proc.stat(pid) for pid in fitting}
            self._candidates = [
                _Candidate(stat, fitting[pid]) for pid, stat in stats.items() if stat is not None
            ]
            self._read = time.monotonic()
        return self._candidates

    def _tty(self, pid: int) -> str:
        for number in range(3):
            link = self._proc.link(pid, f"fd/{number}") if pid else None
            if link is not None and link.startswith(("/dev/pts/", "/dev/tty")):
                return link
        return ""

    def _ssh_above(self, pid: int) -> str:
        """SSH_CONNECTION of the process, or of the nearest one above it that has it."""
        for _ in range(_LEVELS):
            stat = self._proc.stat(pid) if pid > 1 else None
            if stat is None:
                break
            if found := self._ssh(pid):
                return found
            pid = stat.ppid
        return ""

    def _ssh_of_login(self, leader: int) -> str:
        own = self._proc.read(leader, "sessionid")
        if own is None:
            return ""
        for pid in self._proc.pids():
            if self._proc.read(pid, "sessionid") == own and (found := self._ssh(pid)):
                return found
        return ""

    def _ssh(self, pid: int) -> str:
        for each in (self._proc.read(pid, "environ") or b"").split(b"\0"):
            if each.startswith(_SSH):
                return each.removeprefix(_SSH).decode(errors="replace")
        return ""


def _is_client(words: list[str]) -> bool:
    return bool(words) and PurePath(words[0]).name in _CLIENTS and "exec" in words


def _own_name(session: SessionInfo) -> str:
    """The exec id as its engine knows it."""
    return session.id.rpartition("/")[2]


def _fits(words: list[str], session: SessionInfo) -> bool:
    """Whether a client's command line is one that may have begun the session."""
    if _own_name(session) in words:
        return True
    after = words[words.index("exec") + 1 :]
    return any(
        _means(word, session) and after[position + 1 :] == session.command
        for position, word in enumerate(after)
    )


def _means(word: str, session: SessionInfo) -> bool:
    is_prefix = len(word) >= _SHORTEST_PREFIX and session.container_id.startswith(word)
    return is_prefix or word in (session.container_name, session.container_id)
