"""What sessions left running when they ended.

Certain is what was seen while its session ran, and what carries a session's marker or is its
monitor's charge. Of the rest, `runtime.discovery.marks` tells what it can; a process without any
mark is taken for one of the container's own, and is not reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import msgspec

from runtime.discovery.inhabitants import Inhabitants
from runtime.discovery.leaders import Leader
from runtime.discovery.lineage import Inhabitant
from runtime.discovery.marks import Marks
from runtime.discovery.origins import Origins
from runtime.discovery.process_table import ProcessTable
from runtime.model import Certainty


class Orphans(msgspec.Struct, frozen=True):
    """Processes that one session left running; `left_by` is its id, "" where that is not known."""

    members: list[Inhabitant]
    certainty: Certainty
    left_by: str = ""


class OrphanFinder:
    """Finds them; each process is judged once."""

    def __init__(
        self, table: ProcessTable, inhabitants: Inhabitants, origins: Origins, marks: Marks
    ) -> None:
        self._table = table
        self._inhabitants = inhabitants
        self._origins = origins
        self._marks = marks
        self._judged: dict[Inhabitant, tuple[Certainty | None, str]] = {}
        self._ids: dict[Inhabitant, str] = {}

    def remember(self, leaders: Collection[Leader], names: dict[Inhabitant, str]) -> None:
        """Note the ids of sessions that run, for when they have ended."""
        self._ids = {one: name for one, name in self._ids.items() if self._is_needed(one)}
        self._ids |= {each.one: names[each.one] for each in leaders}

    def _is_needed(self, one: Inhabitant) -> bool:
        return one.alive or bool(self._inhabitants.family(one))

    def find(self, leaders: Collection[Leader], running: Collection[str]) -> list[Orphans]:
        """What ended sessions left; `running` are the ids of recorded sessions that run."""
        found = []
        for gone in self._inhabitants.bereaved():
            if gone in self._ids and self._ids[gone] not in running:
                members = self._inhabitants.family(gone)
                found.append(Orphans(members, Certainty.CERTAIN, self._ids[gone]))
        groups: dict[tuple[str, int], list[Inhabitant]] = defaultdict(list)
        for one in list(self._inhabitants.adopted.values()):
            certainty, marker = self._judge(one, leaders)
            if certainty is not None and marker not in running:
                groups[one.container.key, one.first.session].append(one)
        for members in groups.values():
            certainty, marker = self._judged[members[0]]
            found.append(Orphans(members, certainty or Certainty.UNKNOWN, marker))
        return found

    def _judge(self, one: Inhabitant, leaders: Collection[Leader]) -> tuple[Certainty | None, str]:
        if one not in self._judged:
            self._judged[one] = self._look_at(one, leaders)
        return self._judged[one]

    def _look_at(
        self, one: Inhabitant, leaders: Collection[Leader]
    ) -> tuple[Certainty | None, str]:
        number = one.first.session
        if number != one.pid and self._table.inode(number) is not None:
            return None, ""  # whoever began its kernel session lives, and did not enter
        if marker := self._origins.marker(one):
            return Certainty.CERTAIN, marker
        for leader in leaders:
            same = leader.one.container.key == one.container.key
            if same and self._marks.share_streams(one, leader.one):
                self._inhabitants.assign(one, leader.one)
                return None, ""
        return self._marks.of(one), ""

    def forget_the_dead(self) -> None:
        """Keep what is known of living processes only."""
        self._judged = {one: known for one, known in self._judged.items() if one.alive}
