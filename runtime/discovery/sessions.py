"""Every exec session of the known containers, whoever began it, from /proc and monitors' files.

The rule: a session's first process is in a container's namespaces, and its parent is not
(`inhabitants`). Its parent then tells what began it (`origins`). What a session leaves running is
told from a container's own daemons as far as that can be (`orphans`). docs/discovery.md states
each rule with its source and its certainty.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from runtime.discovery.actions import with_actions
from runtime.discovery.descriptions import Describer, session_ids
from runtime.discovery.inhabitants import Inhabitants
from runtime.discovery.leaders import Leader, Leaders
from runtime.discovery.marks import Marks
from runtime.discovery.origins import Origins
from runtime.discovery.orphans import OrphanFinder, Orphans
from runtime.discovery.parents import Parents
from runtime.discovery.process_table import ProcessTable
from runtime.errors import AmbiguousReferenceError, NoSuchSessionError
from runtime.kernel.proc import ProcessStat
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, ExecState, ProcessIdentity, SessionInfo

# How long, in seconds, what was found is taken for what is.
_RECENT = 1.0


class Recorded(msgspec.Struct, frozen=True):
    """The sessions of the records; all that is in `bundles` is theirs, or is about to be."""

    sessions: Sequence[SessionInfo] = ()
    bundles: str = ""

    def owns(self, leader: Leader) -> bool:
        """Whether a process that is in no record (yet) is of a recorded session nevertheless."""
        ours = {each.id for each in self.sessions}
        below = self.bundles and leader.origin.bundle.startswith(f"{self.bundles}/")
        return bool(below) or leader.origin.session in ours

    def running(self) -> set[str]:
        """The ids of the sessions that have a process, or are about to."""
        return {each.id for each in self.sessions if each.state is not ExecState.STOPPED} | {
            each.id for each in self.sessions if each.orphaned
        }


class SessionFinder:
    """Finds sessions; what is known of a process is kept for as long as it lives.

    First `look`, then read the containers, then `find`: so no process is taken for a session whose
    container was not known yet.
    """

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._table = ProcessTable(proc)
        self._inhabitants = Inhabitants(self._table)
        self._parents = Parents(self._table)
        self._marks = Marks(proc, self._inhabitants)
        self._origins = Origins(proc, self._parents, self._marks)
        self._leaders = Leaders(proc, self._inhabitants, self._origins)
        self._orphans = OrphanFinder(self._table, self._inhabitants, self._origins, self._marks)
        self._describer = Describer(proc, self._inhabitants)
        self._last: dict[str, SessionInfo] = {}
        self.stats: Mapping[int, ProcessStat] = {}
        self._taken = -_RECENT

    def look(self, changed: Iterable[int] | None = None) -> None:
        """Take in every process that came or went since the last look.

        With `changed` only these are looked at: those that came, went or run another program.
        """
        if changed is None:
            self._table.look()
        else:
            self._table.changed(changed)
            self._table.look_again()

    def processes(self) -> Mapping[int, int]:
        """All processes of the look, as `ProcFolder.pids` gives them."""
        return self._table.inodes()

    def find(
        self, containers: Iterable[ContainerInfo], recorded: Recorded | None = None
    ) -> list[SessionInfo]:
        """All sessions, each once, the oldest first; the recorded ones with what is found of them.

        `containers` are to be read after the look. Raises StateError where /proc cannot be read.
        """
        recorded = recorded or Recorded()
        now = time.time()
        self._inhabitants.update(containers)
        self._marks.begin_look()
        self._describer.begin_look()
        leaders = self._without_charges(self._leaders.find())
        ids = session_ids(leaders)
        self._orphans.remember(leaders, ids)
        groups = self._orphans.find(leaders, recorded.running())
        by_process = {each.one.identity: each for each in leaders}
        self.stats = {each.one.pid: each.stat for each in leaders}
        found = [
            self._describer.of_recorded(each, by_process.pop(_process(each), None), now)
            for each in recorded.sessions
        ]
        found += [
            self._describer.of_leader(each, ids[each.one], now)
            for each in by_process.values()
            if not each.origin.left and not recorded.owns(each)
        ]
        found += self._left(leaders, groups, now)
        self._forget(leaders)
        self._last = {each.id: each for each in found}
        self._taken = time.monotonic()
        return sorted(found, key=lambda each: (each.created, each.id))

    @property
    def is_recent(self) -> bool:
        """Whether what was found last may be taken for what is."""
        return time.monotonic() - self._taken < _RECENT

    def recent(self, session_id: str) -> SessionInfo | None:
        """What was found of a session not long ago, None where that is not known."""
        return self._last.get(session_id) if self.is_recent else None

    def known_of(self, session: SessionInfo) -> SessionInfo:
        """A recorded session as it is now, with what was found of its processes."""
        before = self.recent(session.id) or session
        return with_actions(
            session, tree=before.tree, usage=before.usage, idle=before.idle, client=before.client
        )

    def leaders(self) -> list[ProcessIdentity]:
        """The first processes of the sessions that were found last and are in no record."""
        return [_process(each) for each in self._last.values() if not each.recorded]

    def _without_charges(self, leaders: list[Leader]) -> list[Leader]:
        """Without what a monitor was only given, where its session's own process still lives."""
        living = {_charge(each): each.one for each in leaders if not each.origin.left}
        kept = []
        for each in leaders:
            if each.origin.left and each.origin.session and _charge(each) in living:
                self._inhabitants.assign(each.one, living[_charge(each)])
            else:
                kept.append(each)
        return kept

    def _left(self, leaders: list[Leader], groups: list[Orphans], now: float) -> list[SessionInfo]:
        """What ended sessions left running."""
        for each in leaders:
            if each.origin.left:
                members = self._inhabitants.family(each.one)
                groups.append(Orphans(members, each.origin.certainty, each.origin.session))
        described = (self._describer.of_orphans(each, now) for each in groups)
        return [each for each in described if each is not None]

    def _forget(self, leaders: list[Leader]) -> None:
        self._parents.forget_all_but({each.stat.ppid for each in leaders})
        for each in (self._origins, self._orphans, self._describer):
            each.forget_the_dead()


def _process(session: SessionInfo) -> ProcessIdentity:
    return ProcessIdentity(pid=session.pid, start_time=session.start_time)


def _charge(leader: Leader) -> tuple[int, str]:
    return leader.origin.monitor, leader.origin.session


def one_session(sessions: Iterable[SessionInfo], reference: str) -> SessionInfo:
    """The session whose id is, or begins with, `reference`; or ends with it after a "/".

    Raises NoSuchSessionError and AmbiguousReferenceError.
    """
    known = {each.id: each for each in sessions}
    if reference in known:
        return known[reference]
    found = [
        each
        for name, each in known.items()
        if reference and (name.startswith(reference) or name.endswith(f"/{reference}"))
    ]
    if not found:
        raise NoSuchSessionError(f"no exec session {reference!r}", hint="exectop ls lists them")
    if len(found) > 1:
        places = ", ".join(f"{each.id[:20]} ({each.origin})" for each in found[:5])
        raise AmbiguousReferenceError(
            f"{reference!r} fits {len(found)} exec sessions: {places}",
            hint="give more of the id",
        )
    return found[0]
