"""Which container a process is in, told by its namespaces.

A pid namespace belongs to the containers whose first processes are in it. Where several share one
(`--pid=container:…`, pods), the mount namespace decides, then the cgroup, then whose first process
is the namespace's pid 1. Processes in our own pid namespace are in a container if its first
process's mount namespace is theirs (`--pid=host`, and nsenter without -p).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from runtime.discovery.process_table import Place, ProcessTable
from runtime.kernel.namespaces import outer_pid_namespaces, status_fields
from runtime.model import ContainerInfo, ProcessIdentity


class ContainerMap:
    """The containers of one moment, by their namespaces."""

    def __init__(self, table: ProcessTable, containers: Iterable[ContainerInfo]) -> None:
        self._table = table
        self.inits: set[ProcessIdentity] = set()
        self._by_pid_ns: dict[str, list[ContainerInfo]] = defaultdict(list)
        self._by_mnt_ns: dict[str, ContainerInfo] = {}
        self._around: dict[str, str] = {}
        for container in containers:
            self._add(container)

    def _add(self, container: ContainerInfo) -> None:
        if container.init is None:
            return
        self.inits.add(container.init)
        place = self._table.elsewhere.get(container.init.pid)
        if place is None:
            return  # it shares all with us, or came after the look
        if place.pid_ns != self._table.own_pid_ns:
            self._by_pid_ns[place.pid_ns].append(container)
        mnt_ns = self._table.mount_namespace(place)
        if mnt_ns not in ("", self._table.own_mnt_ns):
            self._by_mnt_ns.setdefault(mnt_ns, container)

    def says_the_same(self, other: ContainerMap) -> bool:
        """Whether the other map finds every process in the same container."""
        mine, its = self._namespaces(), other._namespaces()
        return self.inits == other.inits and mine == its

    def _namespaces(self) -> dict[str, list[tuple[str, str]]]:
        found = {
            name: [(each.root, each.id) for each in sharing]
            for name, sharing in self._by_pid_ns.items()
        }
        return found | {name: [(each.root, each.id)] for name, each in self._by_mnt_ns.items()}

    def container_of(self, place: Place) -> ContainerInfo | None:
        """The container that the process is in, None where it is in none that is known."""
        if place.pid_ns == self._table.own_pid_ns:
            return self._by_mnt_ns.get(place.mnt_ns)
        sharing = self._by_pid_ns.get(place.pid_ns) or self._by_pid_ns.get(self._outer(place))
        if not sharing:
            return None
        return sharing[0] if len(sharing) == 1 else self._one_of(sharing, place)

    def _outer(self, place: Place) -> str:
        """A container's pid namespace that this one was made in, "" where there is none."""
        if place.pid_ns not in self._around:
            outer = outer_pid_namespaces(place.pid)
            found = next((each for each in outer if each in self._by_pid_ns), "")
            self._around[place.pid_ns] = found
        return self._around[place.pid_ns]

    def _one_of(self, sharing: list[ContainerInfo], place: Place) -> ContainerInfo:
        for same in (self._mount_namespace, self._cgroups):
            own = same(place.pid)
            found = [each for each in sharing if own and same(each.pid) == own]
            if len(found) == 1:
                return found[0]
        return next((each for each in sharing if self._is_first(each.pid)), sharing[0])

    def _mount_namespace(self, pid: int) -> str:
        return self._table.proc.link(pid, "ns/mnt") or ""

    def _cgroups(self, pid: int) -> str:
        return (self._table.proc.read(pid, "cgroup") or b"").decode(errors="replace")

    def _is_first(self, pid: int) -> bool:
        return status_fields(self._table.proc, pid).get("NSpid", [])[-1:] == ["1"]
