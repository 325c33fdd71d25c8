"""How many clients are attached to the sessions of a conmon that is not ours.

conmon keeps a client's connection until it next has output for it. /proc/net/unix (proc(5)) has a
connected socket's state and its number of users: the socket itself, conmon, and the other end for
as long as it is open.
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
        self._counted: dict[int, int] = {}
        self._basis: frozenset[str] = frozenset()

    def begin_look(self) -> None:
        """What is connected is read anew, once somebody asks."""
        self._connected = None

    def of_conmon(self, pid: int) -> int:
        """How many clients are attached to the session that this conmon watches over."""
        if self._connected is None:
            self._connected = _connections(self._proc.unix_sockets())
            if self._connected != self._basis:
                self._basis, self._counted = self._connected, {}
        if not self._connected:
            return 0
        if pid not in self._counted:
            links = (self._proc.link(pid, f"fd/{name}") for name in self._proc.names(pid, "fd"))
            self._counted[pid] = sum(link in self._connected for link in links if link)
        return self._counted[pid]


def _connections(text: bytes) -> frozenset[str]:
    found = set()
    for line in text.splitlines()[1:]:
        fields = line.split(maxsplit=7)
        if len(fields) < 8 or fields[4:6] != [_SEQPACKET, _CONNECTED]:
            continue
        if fields[7].endswith(_NAME) and int(fields[1], 16) >= _WITH_PEER:
            found.add(f"socket:[{int(fields[6])}]")
    return frozenset(found)
