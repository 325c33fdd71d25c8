"""Which of the processes that entered a container are sessions of their own."""

from __future__ import annotations

import msgspec

from runtime.discovery.inhabitants import Inhabitants
from runtime.discovery.lineage import Inhabitant
from runtime.discovery.origins import Origin, Origins
from runtime.discovery.parents import RUNTIMES
from runtime.discovery.usage import stat_and_usage
from runtime.kernel.proc import ProcessStat
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import SessionUsage

# runc's own stages have names of their own until they run the session's program.
_RUNC_STAGE = "runc:["
_NSENTER = "nsenter"


class Leader(msgspec.Struct, frozen=True):
    """The first process of a session, as it is now."""

    one: Inhabitant
    stat: ProcessStat
    usage: SessionUsage
    origin: Origin


class Leaders:
    """Tells sessions from what is on its way to become one, or leads there."""

    def __init__(self, proc: ProcFolder, inhabitants: Inhabitants, origins: Origins) -> None:
        self._proc = proc
        self._inhabitants = inhabitants
        self._origins = origins

    def find(self) -> list[Leader]:
        """The sessions' first processes, the oldest first."""
        now = {}
        for one in list(self._inhabitants.entered.values()):
            seen = stat_and_usage(self._proc, one.pid)
            if seen is not None and seen[0].start_time == one.first.start_time:
                now[one.pid] = seen
        found = []
        for pid, (stat, usage) in now.items():
            one = self._inhabitants.entered[pid]
            if self._is_on_its_way(stat) or self._is_folded(one, stat, now):
                continue
            origin = self._origins.of(one, stat.ppid)
            # A zombie matters for as long as a monitor has not taken notice of its end.
            one.ended = stat.ended and (origin is None or origin.monitor == 0)
            if origin is not None and not one.ended:
                found.append(Leader(one, stat, usage, origin))
        ways_in = {each.stat.ppid for each in found if each.origin.name == _NSENTER}
        found = [each for each in found if not _is_way_in(each, ways_in)]
        return sorted(found, key=lambda each: (each.stat.start_time, each.one.pid))

    def _is_on_its_way(self, stat: ProcessStat) -> bool:
        """Whether it is still the runtime, which is about to run the session's program."""
        if stat.comm.startswith(_RUNC_STAGE):
            return True
        if stat.comm not in RUNTIMES:
            return False
        own = self._proc.file(stat.pid, "exe")
        parent = self._proc.file(stat.ppid, "exe")
        return (
            own is not None
            and parent is not None
            and (own.device, own.inode) == (parent.device, parent.inode)
        )

    def _is_folded(
        self, one: Inhabitant, stat: ProcessStat, now: dict[int, tuple[ProcessStat, SessionUsage]]
    ) -> bool:
        """Whether its parent entered, too, and is the session: then it belongs to that.

        nsenter and runtimes only open the way for it, and end with it.
        """
        parent = self._inhabitants.entered.get(stat.ppid)
        if parent is None or parent is one or parent.pid not in now:
            return False
        comm = now[parent.pid][0].comm
        if comm == _NSENTER or comm in RUNTIMES or comm.startswith(_RUNC_STAGE):
            return False
        self._inhabitants.assign(one, parent)
        return True


def _is_way_in(leader: Leader, ways_in: set[int]) -> bool:
    """Whether it is an nsenter that waits for the process it let in, or is about to."""
    by_itself = leader.origin.monitor == 0 and not leader.origin.session
    return leader.stat.comm == _NSENTER and (leader.one.pid in ways_in or by_itself)
