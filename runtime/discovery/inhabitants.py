"""The processes of the containers, and which of them entered from outside.

A process entered if its parent is outside of the pid namespace (where the container has none of
its own: of the mount namespace) that it is in. For a process in a pid namespace that never
changes: children are born into their parent's namespace, and whoever loses its parent gets one
from the same namespace (find_new_reaper in kernel/exit.c). So each process is looked at once.
What descends from a process that entered is known to, for as long as it lives: also when its
parents have ended, if it was seen before that.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable

from runtime.discovery.container_map import ContainerMap
from runtime.discovery.lineage import Inhabitant, Lineage
from runtime.discovery.process_table import ProcessTable
from runtime.model import ContainerInfo


class Inhabitants:
    """All processes of the known containers, kept from look to look.

    `entered` are those that entered, `adopted` those that may have lost a parent which entered
    before anybody looked: children of a container's first process outside of its session.
    """

    def __init__(self, table: ProcessTable) -> None:
        self.entered: dict[int, Inhabitant] = {}
        self.adopted: dict[int, Inhabitant] = {}
        self._table = table
        self._map = ContainerMap(table, ())
        self._containers: list[ContainerInfo] = []
        self._all: dict[int, Inhabitant] = {}
        self._families: dict[Inhabitant, dict[int, Inhabitant]] = {}
        self._undecided: set[int] = set()
        self._lineage = Lineage(table, self._all, self._undecided, self._meet)

    def get(self, pid: int) -> Inhabitant | None:
        """The inhabitant with this pid, None where there is none."""
        return self._all.get(pid)

    def of_container(self, key: str) -> list[Inhabitant]:
        """All inhabitants of one container."""
        return [each for each in self._all.values() if each.container.key == key]

    def family(self, leader: Inhabitant) -> list[Inhabitant]:
        """What lives of a process that entered: itself and what descends from it."""
        return list(self._families.get(leader, {}).values())

    def bereaved(self) -> list[Inhabitant]:
        """Processes that entered and have ended, and of which something may live on."""
        return [each for each in self._families if each.ended or not each.alive]

    def update(self, containers: Iterable[ContainerInfo]) -> None:
        """Take in what has changed in the table, and these containers, read after the table.

        A container that is as it was is the same object as before.
        """
        changed = self._table.take_changes()
        containers = list(containers)
        if changed or not _are_the_same(containers, self._containers):
            now = ContainerMap(self._table, containers)
            if not now.says_the_same(self._map):
                changed |= self._table.elsewhere.keys() | self._all.keys()
            self._map, self._containers = now, containers
        changed |= self._undecided
        self._undecided.clear()
        self._admit(changed)

    def is_init(self, one: Inhabitant) -> bool:
        """Whether it is the first process of a known container."""
        return one.identity in self._map.inits

    def assign(self, one: Inhabitant, leader: Inhabitant | None) -> None:
        """Note whom it descends from, found out in whatever way; None for nobody who entered."""
        self._unlink(one)
        one.leader = leader
        if leader is not None:
            self._families.setdefault(leader, {})[one.pid] = one
        if one.entered:
            self.entered[one.pid] = one

    def _unlink(self, one: Inhabitant) -> None:
        self.entered.pop(one.pid, None)
        self.adopted.pop(one.pid, None)
        if one.leader is not None:
            family = self._families.get(one.leader, {})
            family.pop(one.pid, None)
            if not family:
                self._families.pop(one.leader, None)

    def _admit(self, pids: Iterable[int]) -> None:
        fresh = [each for pid in pids if (each := self._newcomer(pid)) is not None]
        # Parents are older than their children, or as old and of a smaller number.
        for each in sorted(fresh, key=lambda one: (one.first.start_time, one.pid)):
            self._all[each.pid] = each
            if self._lineage.has_settled(each):
                self._place(each)
            else:
                self._remove(each)
                self._undecided.add(each.pid)

    def _meet(self, pid: int) -> None:
        """Look at one process again, now: another's place depends on it."""
        self._table.changed([pid])
        self._admit([pid])

    def _newcomer(self, pid: int) -> Inhabitant | None:
        place, known = self._table.elsewhere.get(pid), self._all.get(pid)
        home = None if place is None else self._map.container_of(place)
        if known is not None:
            if known.place is place and home is not None:
                return self._move(known, home)
            self._remove(known)
        if place is None or home is None:
            return None
        stat = self._table.proc.stat(pid)
        if stat is None:
            self._undecided.add(pid)
            return None
        return Inhabitant(place, home, stat)

    def _move(self, known: Inhabitant, home: ContainerInfo) -> Inhabitant | None:
        """It is known; one whose container was not known before may not have entered at all."""
        moved, known.container = home.key != known.container.key, home
        return known if moved and (known.entered or self.is_init(known)) else None

    def _remove(self, gone: Inhabitant) -> None:
        del self._all[gone.pid]
        self._unlink(gone)
        gone.alive = False
        if gone.entered:
            self._lineage.remember(gone)

    def _place(self, one: Inhabitant) -> None:
        before = self.family(one)
        parent = self._lineage.parent(one)
        one.entered = False
        if parent is not None:
            self.assign(one, parent.leader or self._lineage.leader_of_session(one))
            if one.leader is None and self._is_adopted(one, parent):
                self.adopted[one.pid] = one
        elif self.is_init(one) or self._lineage.is_first(one):
            self.assign(one, None)
        else:
            leader = self._lineage.leader_of_session(one) or one
            one.entered = leader is one
            self.assign(one, leader)
        if not one.entered:
            for each in before:  # it did not enter, though it looked like it
                self.assign(each, one.leader)

    def _is_adopted(self, one: Inhabitant, parent: Inhabitant) -> bool:
        return self.is_init(parent) and one.first.session != parent.first.session


def _are_the_same(some: list[ContainerInfo], others: list[ContainerInfo]) -> bool:
    return len(some) == len(others) and all(map(operator.is_, some, others))
