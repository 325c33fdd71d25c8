"""The processes that belong to a session, and how each was found.

Rules, the surest first: the leader itself; its descendants; what is in its kernel session
(setsid(2)); what carries the session's id in its environment, which also finds daemons that left
both. Only processes of the leader's pid namespace and younger than the leader are ever taken.
"""

from __future__ import annotations

from collections import defaultdict

from runtime.kernel.environ import has_variable, pid_namespace
from runtime.kernel.proc import ProcessStat, all_stats
from runtime.model import ProcessIdentity, SessionProcess
from runtime.protocol.process_spec import MARKER


class SessionTree:
    """Gathers a session's processes; what was found once is remembered while it lives.

    A child whose parent has ended is nobody's descendant any more, so the tree is looked at
    before the leader is signalled, and again after.
    """

    def __init__(self, session_id: str, leader: ProcessIdentity, namespace: int | None) -> None:
        """`namespace` is the leader's pid namespace, None where it is not known (any more)."""
        self._marker = f"{MARKER}={session_id}".encode()
        self._leader = leader
        self._namespace = namespace
        self._known: dict[ProcessIdentity, str] = {}

    def look(self) -> list[SessionProcess]:
        """The processes that are alive now, the leader first."""
        now = {each.pid: each for each in all_stats()}
        alive = {pid: each for pid, each in now.items() if not each.ended}
        # Nothing of the session can be older than its leader.
        young = [each for each in alive.values() if each.start_time >= self._leader.start_time]
        holder = now.get(self._leader.pid)
        if holder is not None and holder.identity == self._leader and not holder.ended:
            self._known.setdefault(self._leader, "leader")
        self._add_descendants(young)
        # A number is given anew only when its kernel session is empty: what is in the session of
        # that name is then another's.
        session_is_ours = holder is None or holder.identity == self._leader
        for each in young:
            if each.identity not in self._known and (rule := self._rule(each, session_is_ours)):
                self._known[each.identity] = rule
        return [
            SessionProcess(process=identity, command=alive[identity.pid].comm, rule=rule)
            for identity, rule in self._known.items()
            if identity.pid in alive and alive[identity.pid].identity == identity
        ]

    def _add_descendants(self, young: list[ProcessStat]) -> None:
        children: dict[int, list[ProcessStat]] = defaultdict(list)
        for each in young:
            children[each.ppid].append(each)
        # Those that have ended have no children, but their pid's next holder may have.
        queue = [each.pid for each in young if each.identity in self._known]
        while queue:
            for child in children[queue.pop()]:
                if child.identity not in self._known:
                    self._known[child.identity] = "parentage"
                    queue.append(child.pid)

    def _rule(self, stat: ProcessStat, session_is_ours: bool) -> str:
        if session_is_ours and stat.session == self._leader.pid:
            return "session"
        if self._namespace is not None and pid_namespace(stat.pid) == self._namespace:
            return "marker" if has_variable(stat.pid, self._marker) else ""
        return ""
