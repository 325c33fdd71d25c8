"""From what was found of a session's processes to the line that lists show of it."""

from __future__ import annotations

from collections.abc import Collection

from runtime.discovery.actions import with_actions
from runtime.discovery.attached import AttachedClients
from runtime.discovery.inhabitants import Inhabitants
from runtime.discovery.leaders import Leader
from runtime.discovery.lineage import Inhabitant
from runtime.discovery.origins import Origin
from runtime.discovery.orphans import Orphans
from runtime.discovery.usage import added, idle_time, stat_and_usage
from runtime.discovery.users import User, Users
from runtime.kernel.proc import ProcessStat, started_at
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import (
    Certainty,
    ExecState,
    ProcessIdentity,
    SessionClient,
    SessionInfo,
    SessionProcess,
    SessionUsage,
)

ORPHAN = "orphan"


class Describer:
    """Reads what a list shows of sessions: their state, users, processes and usage."""

    def __init__(self, proc: ProcFolder, inhabitants: Inhabitants) -> None:
        self._proc = proc
        self._inhabitants = inhabitants
        self._users = Users(proc)
        self._attached = AttachedClients(proc)

    def begin_look(self) -> None:
        """What may have changed since the last look is read anew."""
        self._attached.begin_look()

    def of_leader(self, leader: Leader, session_id: str, now: float) -> SessionInfo:
        """A session whose first process lives."""
        one, origin = leader.one, leader.origin
        info = self._line(session_id, one, leader.stat, now)
        tree, usage = self._tree(one, leader.stat, leader.usage)
        attached = int(origin.client > 0)
        if origin.conmon:
            attached = self._attached.of_conmon(origin.monitor)
        return with_actions(
            info,
            origin=origin.name,
            certainty=origin.certainty,
            monitor_alive=not origin.monitor_gone,
            attached=attached,
            tree=tree,
            usage=usage,
            client=self._client(leader.origin, self._users.of(one, leader.stat.comm)),
        )

    def of_orphans(self, orphans: Orphans, now: float) -> SessionInfo | None:
        """What a session left; None when it has ended meanwhile."""
        seen = {one: stat_and_usage(self._proc, one.pid) for one in orphans.members}
        alive = {one: found for one, found in seen.items() if found and not found[0].ended}
        if not alive:
            return None
        first = min(alive, key=lambda one: (one.first.start_time, one.pid))
        stat = alive[first][0]
        user = self._users.of(first, stat.comm)
        return with_actions(
            self._line(_made_up_id(ORPHAN, first.identity), first, stat, now),
            origin=ORPHAN,
            certainty=orphans.certainty,
            left_by=orphans.left_by,
            tree=[_process(one, found[0], first) for one, found in alive.items()],
            usage=added(found[1] for found in alive.values()),
            client=SessionClient(login_uid=user.login),
        )

    def of_recorded(self, session: SessionInfo, leader: Leader | None, now: float) -> SessionInfo:
        """A session of the records, with what its processes tell."""
        if leader is None:
            return with_actions(session)
        tree, usage = self._tree(leader.one, leader.stat, leader.usage)
        idle = idle_time(self._proc, session.pid, now) if session.tty else None
        return with_actions(session, tree=tree, usage=usage, idle=idle)

    def forget_the_dead(self) -> None:
        """Keep what is known of living processes only."""
        self._users.forget_the_dead()

    def _line(self, session_id: str, one: Inhabitant, stat: ProcessStat, now: float) -> SessionInfo:
        user = self._users.of(one, stat.comm)
        tty = stat.tty_nr != 0
        started = started_at(one.identity)
        return SessionInfo(
            id=session_id,
            container_id=one.container.id,
            container_key=one.container.key,
            container_name=one.container.name,
            origin="",
            state=ExecState.STOPPED if stat.ended else ExecState.RUNNING,
            pid=one.pid,
            start_time=one.first.start_time,
            command=self._proc.command(one.pid) or [stat.comm],
            tty=tty,
            user=user.name,
            created=started,
            started=started,
            owner=user.uid,
            recorded=False,
            idle=idle_time(self._proc, one.pid, now) if tty else None,
        )

    def _tree(
        self, leader: Inhabitant, stat: ProcessStat, usage: SessionUsage
    ) -> tuple[list[SessionProcess], SessionUsage]:
        """All that lives of a session, the leader first, and what they use together."""
        tree, usages = [_process(leader, stat, leader)], [usage]
        for one in self._inhabitants.family(leader):
            seen = None if one is leader else stat_and_usage(self._proc, one.pid)
            if seen is not None and not seen[0].ended:
                tree.append(_process(one, seen[0], leader))
                usages.append(seen[1])
        return tree, added(usages)

    def _client(self, origin: Origin, user: User) -> SessionClient:
        stat = self._proc.stat(origin.client) if origin.client else None
        if stat is None:
            return SessionClient(login_uid=user.login)
        return SessionClient(
            process=stat.identity,
            command=self._proc.command(stat.pid),
            login_uid=user.login,
            certainty=Certainty.CERTAIN,
        )


def session_ids(leaders: Collection[Leader]) -> dict[Inhabitant, str]:
    """An id for each session: its engine's own, where that is known and no other's, too."""
    ids: dict[Inhabitant, str] = {}
    taken: dict[str, Inhabitant] = {}
    for leader in leaders:
        own = _own_id(leader)
        if own and own not in taken:
            taken[own] = leader.one
        ids[leader.one] = own
    return {
        each.one: ids[each.one]
        if ids[each.one] and taken[ids[each.one]] is each.one
        else _made_up_id(each.origin.name, each.one.identity)
        for each in leaders
    }


def _own_id(leader: Leader) -> str:
    session = leader.origin.session
    if len(session) >= 32 or not session:
        return session
    return f"{leader.one.container.id}/{session}"  # ctr's: a name, unique in its container only


def _made_up_id(origin: str, process: ProcessIdentity) -> str:
    return f"{origin}-{process.pid}-{process.start_time}"


def _process(one: Inhabitant, stat: ProcessStat, leader: Inhabitant) -> SessionProcess:
    in_session = stat.session == leader.first.session or stat.session == leader.pid
    rule = "leader" if one is leader else "session" if in_session else "parentage"
    return SessionProcess(process=one.identity, command=stat.comm, rule=rule)
