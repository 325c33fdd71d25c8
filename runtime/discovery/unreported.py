"""Sessions that have ended, and of whose end nobody has told their engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import msgspec

from runtime.discovery.exec_monitors import ExecMonitors
from runtime.discovery.exit_delays import asleep
from runtime.discovery.podman_records import PodmanRecords
from runtime.discovery.stuck import Unreported, judge
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, Mending, SessionInfo


class UnreportedFinder:
    """Finds them, by what is left of them: a monitor that sleeps, or a wrong record."""

    def __init__(self, proc: ProcFolder, monitors: Callable[[], Mapping[int, int]]) -> None:
        """`monitors` gives the conmons that run, by pid with their inodes."""
        self._proc = proc
        self._monitors = ExecMonitors(proc, monitors)
        self._records = PodmanRecords(proc)
        self._found: dict[str, tuple[SessionInfo, Mending]] = {}

    def find(
        self, containers: Collection[ContainerInfo], listed: Collection[str]
    ) -> list[SessionInfo]:
        """Those in these containers; the ids that are `listed` have a process, or a record here."""
        self._monitors.look()
        by_id = {each.id: each for each in containers}
        found = [*asleep(self._proc, self._monitors, by_id)]
        found += self._records.find(containers, {*listed, *self._monitors.sessions()})
        self._found = {
            each.session.id: (_judged(each), each.mending)
            for each in found
            if each.session.id not in listed
        }
        return [session for session, _ in self._found.values()]

    def session(self, session_id: str) -> SessionInfo | None:
        """One of them, as it was found last; None for any other."""
        found = self._found.get(session_id)
        return found[0] if found else None

    def mending(self, session_id: str) -> Mending:
        """How its engine is told of its end."""
        found = self._found.get(session_id)
        return found[1] if found else Mending()


def _judged(found: Unreported) -> SessionInfo:
    return msgspec.structs.replace(found.session, stuck=judge(found.session, found.facts))
