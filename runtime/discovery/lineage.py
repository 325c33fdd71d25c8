"""Whose child a process in a container is, and of whose kernel session."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from runtime.discovery.process_table import Place, ProcessTable
from runtime.kernel.namespaces import status_fields
from runtime.kernel.proc import ProcessStat
from runtime.model import ContainerInfo, ProcessIdentity

# How many leaders that have ended are remembered, for what they left behind.
_REMEMBERED = 4096
# How often a parent may end while it is looked at.
_TRIES = 4
_ENDED = (b"Z", b"X", b"x")
# linux/sched.h, in the flags of proc(5) stat.
_PF_EXITING = 0x4


class Inhabitant:
    """A process in a container. `first` is what /proc said of it when it was first seen.

    `leader` is the process that entered and that this one descends from: itself, if it entered,
    None for what the container's first process began. `alive` is False once it is gone; `ended`
    is True for one that runs nothing any more, and of which nobody takes notice.
    """

    __slots__ = ("alive", "container", "ended", "entered", "first", "leader", "place")

    def __init__(self, place: Place, container: ContainerInfo, first: ProcessStat) -> None:
        self.place = place
        self.container = container
        self.first = first
        self.entered = False
        self.leader: Inhabitant | None = None
        self.alive = True
        self.ended = False

    @property
    def pid(self) -> int:
        """Its pid, as the host counts."""
        return self.place.pid

    @property
    def identity(self) -> ProcessIdentity:
        """Who it is."""
        return self.first.identity


class Lineage:
    """Tells parents and kernel sessions of inhabitants."""

    def __init__(
        self,
        table: ProcessTable,
        inhabitants: Mapping[int, Inhabitant],
        undecided: Collection[int],
        meet: Callable[[int], None],
    ) -> None:
        """`meet` looks at a process again and adds it to `inhabitants` if it is one.

        `undecided` are those that may be inhabitants: it is to be told later.
        """
        self._table = table
        self._all = inhabitants
        self._undecided = undecided
        self._meet = meet
        self._ended: dict[int, Inhabitant] = {}

    def remember(self, gone: Inhabitant) -> None:
        """A process that entered is gone; its kernel session may live on."""
        self._ended.pop(gone.pid, None)
        self._ended[gone.pid] = gone
        while len(self._ended) > _REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def has_settled(self, one: Inhabitant) -> bool:
        """Whether its parent can be told; a parent that has just ended is not its parent any more.

        False while that is about to change: then it is to be looked at once more, later.
        """
        for _ in range(_TRIES):
            number = one.first.ppid
            if self._table.inode(number) is None or self._may_have_moved(one, number):
                self._meet(number)
            if number in self._all:
                return True
            if number in self._undecided or self._is_leaving(number):
                return False
            now = self._table.proc.stat(one.pid)
            if now is None or now.start_time != one.first.start_time:
                return False
            if now.ppid == number:
                return True  # it was there all the time, and is in no container
            one.first = now
        return False

    def parent(self, one: Inhabitant) -> Inhabitant | None:
        """Its parent when it was first seen, None where that was outside."""
        parent = self._all.get(one.first.ppid)
        if parent is None or parent.first.start_time > one.first.start_time:
            return None
        return parent if self._same_world(parent, one) else None

    def _may_have_moved(self, one: Inhabitant, number: int) -> bool:
        """Whether the parent's own change of mount namespace may not have been noticed yet."""
        return bool(one.place.mnt_ns) and number not in self._table.elsewhere

    def _is_leaving(self, number: int) -> bool:
        """Whether a process that shows no namespaces does so because it is ending."""
        if not self._table.is_unread(number):
            return False
        text = self._table.proc.read(number, "stat")
        fields = text[text.rindex(b")") + 2 :].split() if text else [b"X"]
        return fields[0] in _ENDED or bool(int(fields[6]) & _PF_EXITING)

    def leader_of_session(self, one: Inhabitant) -> Inhabitant | None:
        """The process that entered and began the kernel session (setsid(2)) that it is in."""
        number = one.first.session
        if number == one.pid:
            return None
        found = self._all.get(number)
        if found is None and self._table.inode(number) is None:
            # The number of a session is not given to a new process while somebody is in it.
            found = self._ended.get(number)
        if found is None or found.first.start_time > one.first.start_time:
            return None
        return found.leader if self._same_world(found, one) else None

    def is_first(self, one: Inhabitant) -> bool:
        """Whether it is pid 1 of its pid namespace, so that it cannot have entered it."""
        if one.place.pid_ns == self._table.own_pid_ns:
            return False
        return status_fields(self._table.proc, one.pid).get("NSpid", [])[-1:] == ["1"]

    def _same_world(self, parent: Inhabitant, one: Inhabitant) -> bool:
        own = self._table.own_pid_ns
        if own in (one.place.pid_ns, parent.place.pid_ns):
            same_pids = parent.place.pid_ns == one.place.pid_ns
            return same_pids and parent.place.mnt_ns == one.place.mnt_ns
        if parent.place.pid_ns == one.place.pid_ns:
            return True
        return parent.container.key == one.container.key  # a namespace that was made inside
