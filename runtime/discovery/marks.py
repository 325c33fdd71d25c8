"""Marks by which a process that came from outside differs from what the container began itself.

They are for processes whose parents have ended before anybody looked: what an exec left behind,
and daemons of the container's first process, have the same parent then. None of them is sure but
the first:

- its kernel session was begun outside of its pid namespace (NSsid 0 in proc(5) status);
- its audit session is not the first process's (sessionid, inherited by all children);
- one of its standard streams is the host's /dev/null, or a pipe or terminal whose other end
  nobody in the container holds, and the first process has not got the same.
"""

from __future__ import annotations

import re
import stat

from runtime.discovery.inhabitants import Inhabitants
from runtime.discovery.lineage import Inhabitant
from runtime.kernel.namespaces import status_fields
from runtime.kernel.proc_folder import ProcFolder
from runtime.kernel.statx import file_facts
from runtime.model import Certainty

_STREAMS = ("fd/0", "fd/1", "fd/2")
_NULL = "/dev/null"
_PIPE = re.compile(r"pipe:\[\d+\]")
_PTS_MAJORS = range(136, 144)
# A container with more processes, or one with so many open files, is not searched for the other
# ends of pipes.
_MANY = 500
_MASTER = "ptmx"
_READS, _WRITES = 0o400, 0o200

# A pipe by its name; another file by where it is: device and inode.
Stream = str | tuple[tuple[int, int], int]


class Marks:
    """Looks for marks."""

    def __init__(self, proc: ProcFolder, inhabitants: Inhabitants) -> None:
        self._proc = proc
        self._inhabitants = inhabitants
        null = file_facts(_NULL)
        self._host_null = null.device, null.inode
        self._ends: dict[str, dict[str, int] | None] = {}
        self._known: dict[Inhabitant, set[Stream | None]] = {}

    def begin_look(self) -> None:
        """Who holds what is read anew from here on."""
        self._ends.clear()
        self._known.clear()

    def of(self, one: Inhabitant) -> Certainty | None:
        """How surely this one came from outside, None where no mark says so."""
        init = self._inhabitants.get(one.container.pid)
        if init is None:
            return None
        if self._session_is_outside(one) and not self._session_is_outside(init):
            return Certainty.CERTAIN
        if self._audit_session_differs(one, init) or self._streams_differ(one, init):
            return Certainty.LIKELY
        return None

    def in_container_s_cgroup(self, one: Inhabitant) -> bool:
        """Whether it is in the first process's cgroups; whoever enters by setns(2) alone is not."""
        own = self._proc.read(one.pid, "cgroup")
        return bool(own) and own == self._proc.read(one.container.pid, "cgroup")

    def share_streams(self, one: Inhabitant, leader: Inhabitant) -> bool:
        """Whether one has a pipe or terminal of a session that the first process has not got."""
        init = self._inhabitants.get(one.container.pid)
        if init is None:
            return False
        common = self._streams(one) & self._streams(leader)
        return bool(common - self._streams(init) - {None, self._host_null})

    def _session_is_outside(self, one: Inhabitant) -> bool:
        sessions = status_fields(self._proc, one.pid).get("NSsid", [])
        return len(sessions) > 1 and sessions[-1] == "0"

    def _audit_session_differs(self, one: Inhabitant, init: Inhabitant) -> bool:
        own = self._proc.read(one.pid, "sessionid")
        return own is not None and own != self._proc.read(init.pid, "sessionid")

    def _streams_differ(self, one: Inhabitant, init: Inhabitant) -> bool:
        of_init = self._streams(init)
        for name in _STREAMS:
            stream = self._stream(one, name)
            if stream is not None and stream not in of_init and self._tells(one, name, stream):
                return True
        return False

    def _tells(self, one: Inhabitant, name: str, stream: Stream) -> bool:
        """Whether a stream cannot be the container's own."""
        if stream == self._host_null:
            return not self._shares_null_with_host(one.container.pid)
        ends = self._ends_in(one.container.key)
        if ends is None:
            return False
        if isinstance(stream, str):
            reads = (self._proc.link_mode(one.pid, name) or 0) & _READS
            return not ends.get(stream, 0) & (_WRITES if reads else _READS)
        return not ends.get(_MASTER)

    def _streams(self, one: Inhabitant) -> set[Stream | None]:
        if one not in self._known:
            self._known[one] = {self._stream(one, name) for name in _STREAMS}
        return self._known[one]

    def _stream(self, one: Inhabitant, name: str) -> Stream | None:
        """A pipe's name, or where a terminal or the host's /dev/null is; None: it says nothing."""
        link = self._proc.link(one.pid, name)
        if link is None or _PIPE.fullmatch(link):
            return link
        facts = self._proc.file(one.pid, name)
        if facts is None or not stat.S_ISCHR(facts.mode):
            return None
        place = facts.device, facts.inode
        is_terminal = facts.special[0] in _PTS_MAJORS
        return place if is_terminal or place == self._host_null else None

    def _shares_null_with_host(self, init: int) -> bool:
        """Whether the container's own /dev/null may be the host's: then it says nothing."""
        mounts = (self._proc.read(init, "mountinfo") or b"").decode(errors="replace")
        lines = (line.split() for line in mounts.splitlines())
        device = "{}:{}".format(*self._host_null[0])
        return any(
            len(fields) > 4 and fields[2] == device and fields[4] in ("/dev", _NULL)
            for fields in lines
        )

    def _ends_in(self, container_key: str) -> dict[str, int] | None:
        """What ends of which pipes the container's processes hold, and whether any terminal's
        master; None where it is too much to tell.
        """
        if container_key not in self._ends:
            self._ends[container_key] = self._gather_ends(container_key)
        return self._ends[container_key]

    def _gather_ends(self, container_key: str) -> dict[str, int] | None:
        found: dict[str, int] = {}
        neighbours = self._inhabitants.of_container(container_key)
        if len(neighbours) > _MANY:
            return None
        for each in neighbours:
            names = self._proc.names(each.pid, "fd")
            if len(names) > _MANY:
                return None
            for name in names:
                link = self._proc.link(each.pid, f"fd/{name}") or ""
                if link.startswith("pipe:"):
                    mode = self._proc.link_mode(each.pid, f"fd/{name}") or 0
                    found[link] = found.get(link, 0) | mode
                elif link.endswith("/ptmx"):
                    found[_MASTER] = _READS | _WRITES
        return found
