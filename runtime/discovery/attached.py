"""How many clients are attached to the sessions of a conmon that is not ours.

conmon keeps a client's connection until it next has output for it. /proc/net/unix (proc(5)) has a
connected socket's state and its number of users: the socket itself, conmon, and the other end for
as long as it is open. So a client that is gone can be told, too, until there is output.
"""

from __future__ import annotations

from runtime.kernel.proc_folder import ProcFolder

_SEQPACKET, _CONNECTED = b"0005", b"03"
_WITH_PEER = 3
# How conmon names the socket that it listens on, wherever that is.
_NAME = b"/attach"


class AttachedClients:
    """Counts connections; a conmon's are counted again only when some host-wide changed."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._connected: frozenset[str] | None = None
        self._closed: frozenset[str] = frozenset()
        self._left: dict[int, bool] = {}
        self._counted: dict[int, int] = {}
        self._basis: frozenset[str] = frozenset()

    def begin_look(self) -> None:
        """What is connected is read anew, once somebody asks."""
        self._connected = None

    def of_conmon(self, pid: int) -> int:
        """How many clients are attached to the session that this conmon watches over."""
        connected = self._look()
        if not connected:
            return 0
        if pid not in self._counted:
            self._counted[pid] = self._count(pid, connected)
        return self._counted[pid]

    def left(self, pid: int) -> bool:
        """Whether this conmon still holds the connection of a client that is gone."""
        self._look()
        if not self._closed:
            return False
        if pid not in self._left:
            self._left[pid] = self._count(pid, self._closed) > 0
        return self._left[pid]

    def _look(self) -> frozenset[str]:
        if self._connected is None:
            before = self._closed
            self._connected, self._closed = _connections(self._proc.unix_sockets())
            if self._connected != self._basis:
                self._basis, self._counted = self._connected, {}
            if self._closed != before:
                self._left = {}
        return self._connected

    def _count(self, pid: int, sockets: frozenset[str]) -> int:
        links = (self._proc.link(pid, f"fd/{name}") for name in self._proc.names(pid, "fd"))
        return sum(link in sockets for link in links if link)


def _connections(text: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """Those whose other end is open, and those whose other end is closed."""
    found: tuple[set[str], set[str]] = (set(), set())
    for line in text.splitlines()[1:]:
        fields = line.split(maxsplit=7)
        if len(fields) < 8 or fields[4:6] != [_SEQPACKET, _CONNECTED]:
            continue
        if fields[7].endswith(_NAME):
            closed = int(fields[1], 16) < _WITH_PEER
            found[closed].add(f"socket:[{int(fields[6])}]")
    return frozenset(found[False]), frozenset(found[True])
