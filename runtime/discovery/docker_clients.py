"""Whether the client of a docker exec is still there.

dockerd does not note which of its connections serves which exec. So every living connection to it
is looked at: who made it (SO_PEERCRED), when that process began and what its command line says.
The one that began an exec was made before the exec's first process was.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Sequence

from runtime.discovery.docker_daemon import DockerDaemon
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
    HIDDEN = "it is not seen, but something that could be it is"
    UNKNOWN = "nothing is known of it"


class DockerClients:
    """All that is connected to the daemons; read at most once a look."""

    def __init__(self, proc: ProcFolder, daemons: Callable[[], Sequence[DockerDaemon]]) -> None:
        self._proc = proc
        self._daemons = daemons
        self._makers: list[ProcessStat | None] | None = None
        self._readable = False

    def begin_look(self) -> None:
        """What is connected is read anew, once somebody asks."""
        self._makers = None

    def sockets(self) -> list[str]:
        """Where the daemons listen."""
        return [path for daemon in self._daemons() for path in daemon.sockets]

    def fate(self, session: SessionInfo, others: Collection[ContainerInfo]) -> ClientFate:
        """What became of a session's client; `others` are the containers it is not in."""
        if self._makers is None:
            self._makers = self._read()
        if not self._readable:
            return ClientFate.UNKNOWN
        fates = {self._judge(maker, session, others) for maker in self._makers}
        if ClientFate.PRESENT in fates:
            return ClientFate.PRESENT
        return ClientFate.HIDDEN if ClientFate.HIDDEN in fates else ClientFate.GONE

    def _read(self) -> list[ProcessStat | None]:
        daemons = self._daemons()
        self._readable = bool(daemons)
        makers: list[ProcessStat | None] = []
        for daemon in daemons:
            server = self._proc.stat(daemon.pid)
            names = self._proc.names(daemon.pid, "fd")
            numbers = [int(each) for each in names if self._is_socket(daemon.pid, each)]
            found = accepted_connections(server.identity, numbers) if server else None
            if found is None or not names:
                self._readable = False
            makers += [self._proc.stat(each.pid) if each.pid else None for each in found or ()]
        return makers

    def _is_socket(self, pid: int, name: str) -> bool:
        return (self._proc.link(pid, f"fd/{name}") or "").startswith("socket:")

    def _judge(
        self, maker: ProcessStat | None, session: SessionInfo, others: Collection[ContainerInfo]
    ) -> ClientFate:
        """What one connection says; GONE if it cannot be the session's client."""
        if maker is None:
            return ClientFate.HIDDEN
        if maker.start_time > session.start_time:
            return ClientFate.GONE
        words = self._proc.command(maker.pid)
        if not words or words[0].rpartition("/")[2] != _PROGRAM:
            return ClientFate.HIDDEN
        if "exec" not in words:
            return ClientFate.HIDDEN if _PASSES_ON & set(words) else ClientFate.GONE
        if _names(words, session.container_name, session.container_id):
            return ClientFate.PRESENT
        # A container may have got another name since: only what names another is another's.
        named = any(_names(words, each.name, each.id) for each in others)
        return ClientFate.GONE if named else ClientFate.HIDDEN


def _names(words: Sequence[str], name: str, container_id: str) -> bool:
    return any(
        word == name or (len(word) >= 3 and container_id.startswith(word))
        for word in words[words.index("exec") + 1 :]
    )
