"""Whether the client of a docker exec is still there.

dockerd does not note which of its connections serves which exec. So every living connection to it
is looked at: who made it (SO_PEERCRED), when that process began and what its command line says.
The one that began an exec is older than the exec's first process, and `docker exec` has the exec's
command as its last words.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence

from runtime.kernel.accepted import accepted_connections
from runtime.kernel.proc import ProcessStat
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, SessionInfo

_PROGRAM = "docker"
# What passes on what others ask for, or has commands of its own.
_PASSES_ON = {"compose", "dial-stdio"}


class ClientFate(enum.Enum):
    """What became of the program that began a session."""

    PRESENT = "it is attached"
    GONE = "it is not there any more"
    LEFT = "somebody was attached, and is not any more"
    CUT_OFF = "it is not known, but nobody holds the other ends of the streams"
    HIDDEN = "it is not seen, but something that could be it is"
    UNKNOWN = "nothing is known of it"


class DockerClients:
    """All that is connected to each daemon; read at most once a look."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._makers: dict[int, list[ProcessStat | None] | None] = {}

    def begin_look(self) -> None:
        """What is connected is read anew, once somebody asks."""
        self._makers.clear()

    def fate(
        self,
        session: SessionInfo,
        daemon: int,
        command: Sequence[str],
        starts: Sequence[int],
        others: Collection[ContainerInfo],
    ) -> ClientFate:
        """What became of the client that gave this command to the daemon with this pid.

        `starts` are the start times of all sessions of the container with that command, this one
        among them; `others` are the other containers.
        """
        if daemon not in self._makers:
            self._makers[daemon] = self._read(daemon)
        makers = self._makers[daemon]
        if makers is None:
            return ClientFate.UNKNOWN
        older = [each for each in makers if each is None or _is_older(each, session)]
        clients, strangers = set(), False
        for maker in older:
            if maker is not None and self._fits(maker, session, command):
                clients.add(maker.identity)
            else:
                strangers = strangers or self._may_be(maker, command, others)
        fitting = sorted(each.start_time for each in clients)
        if session.start_time in _served(starts, fitting):
            return ClientFate.PRESENT
        return ClientFate.HIDDEN if strangers or fitting else ClientFate.GONE

    def _read(self, daemon: int) -> list[ProcessStat | None] | None:
        """Who made each living connection, None for one of which nobody can tell."""
        server = self._proc.stat(daemon)
        names = self._proc.names(daemon, "fd")
        if server is None or not names:
            return None
        numbers = [int(each) for each in names if self._is_socket(daemon, each)]
        found = accepted_connections(server.identity, numbers)
        if found is None:
            return None
        return [self._proc.stat(each.pid) if each.pid else None for each in found]

    def _is_socket(self, pid: int, name: str) -> bool:
        return (self._proc.link(pid, f"fd/{name}") or "").startswith("socket:")

    def _fits(self, maker: ProcessStat, session: SessionInfo, command: Sequence[str]) -> bool:
        """Whether it is a `docker exec` of that command in the session's container."""
        words = self._proc.command(maker.pid)
        known = (session.container_name, session.container_id)
        return _is_exec(words) and _ends_with(words, command) and _names(words, *known)

    def _may_be(
        self,
        maker: ProcessStat | None,
        command: Sequence[str],
        others: Collection[ContainerInfo],
    ) -> bool:
        """Whether a connection may serve the session, though it does not look like it."""
        words = self._proc.command(maker.pid) if maker is not None else []
        if not words or words[0].rpartition("/")[2] != _PROGRAM:
            return True
        if not _is_exec(words):
            return bool(_PASSES_ON & set(words))
        # A container may have got another name since: only what names another is another's.
        named = any(_names(words, each.name, each.id) for each in others)
        return _ends_with(words, command) and not named


def _is_older(maker: ProcessStat, session: SessionInfo) -> bool:
    return maker.start_time <= session.start_time


def _served(starts: Sequence[int], clients: Sequence[int]) -> list[int]:
    """Which sessions have a client, if each belongs to the first that began after it."""
    free, served = list(clients), []
    for start in sorted(starts):
        if older := [each for each in free if each <= start]:
            free.remove(older[-1])
            served.append(start)
    return served


def _is_exec(words: Sequence[str]) -> bool:
    return bool(words) and words[0].rpartition("/")[2] == _PROGRAM and "exec" in words


def _ends_with(words: Sequence[str], command: Sequence[str]) -> bool:
    return list(words[-len(command) :]) == list(command)


def _names(words: Sequence[str], name: str, container_id: str) -> bool:
    return any(
        word == name or (len(word) >= 3 and container_id.startswith(word))
        for word in words[words.index("exec") + 1 :]
    )
