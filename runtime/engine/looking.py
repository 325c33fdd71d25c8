"""What an engine tells of containers and sessions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from runtime.discovery.inspection import inspect_foreign
from runtime.discovery.references import resolve
from runtime.discovery.sessions import Recorded, one_session
from runtime.engine.parts import EngineParts
from runtime.errors import (
    ContainerStateError,
    NoSuchContainerError,
    NoSuchSessionError,
    StateError,
)
from runtime.model import (
    ContainerInfo,
    Event,
    ExecSession,
    InspectExecSession,
    Overview,
    SessionInfo,
)
from runtime.sessions.foreign import require
from runtime.sessions.prepare import find_shell
from runtime.sessions.references import find_id

_log = logging.getLogger(__name__)


class Looking(EngineParts):
    """The verbs that ask; what they find ended or broken is mended, nothing else is changed."""

    async def overview(self) -> Overview:
        """Containers and sessions as they are now; what is found ended or broken is mended."""
        containers, problems = self._look_around(self._news.take_changes())
        self._ask_engines()
        problems += self._problems
        try:
            problems += await self.recover()
            problems += await self._lister.settle(self._processes.processes())
        except StateError as error:
            problems.append(f"the sessions are shown as last recorded: {error}")
        sessions = self._sessions_of(containers)
        self._news.watch(
            [each.init for each in containers if each.init]
            + self._lister.processes()
            + self._processes.leaders(),
            self._finder.folders(),
        )
        return Overview(
            containers=containers, sessions=sessions, problems=problems, taken=time.time()
        )

    def _ask_engines(self) -> None:
        """Ask engines for what their files do not tell; the next overview has it."""
        if self._finder.has_questions() and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._finder.ask_engines())

    async def recover(self) -> list[str]:
        """Mend what a crash left behind; gives a sentence for each thing that was mended."""
        return await self._recovery.mend()

    async def wait_changed(self, timeout: float) -> None:
        """Wait until the last overview is out of date, or `timeout` seconds have passed.

        That is when a process of it ended, a container came or went, or (seen by root only)
        somebody began a session.
        """
        await self._news.wait(timeout)

    async def containers(self) -> list[ContainerInfo]:
        """All containers, oldest first."""
        return self._finder.find()[0]

    async def sessions(self, *, idle_limit: float | None = None) -> list[SessionInfo]:
        """All sessions, whoever began them, oldest first; what is ended or broken is mended.

        `idle_limit`, in seconds, is used instead of the setting's (0: none counts as idle).
        """
        containers, _ = self._look_around()
        await self.recover()
        for problem in await self._lister.settle(self._processes.processes()):
            _log.warning(problem)
        return self._sessions_of(containers, idle_limit)

    def _look(self) -> list[SessionInfo]:
        return self._sessions_of(self._look_around()[0])

    def _look_around(
        self, changed: set[int] | None = None
    ) -> tuple[list[ContainerInfo], list[str]]:
        """The containers, and what could not be read; the processes were looked at before.

        With `changed` only these processes were.
        """
        self._processes.look(changed)
        return self._finder.find(self._processes.processes())

    def _sessions_of(
        self, containers: list[ContainerInfo], idle_limit: float | None = None
    ) -> list[SessionInfo]:
        bundles = str(self._records.places.bundles)
        recorded = Recorded(self._lister.sessions(), bundles)
        found = self._processes.find(containers, recorded)
        return self._stuck.judged(found, containers, self._processes.stats, idle_limit)

    async def find_container(self, reference: str) -> ContainerInfo:
        """The container that is meant, as its engine's own command would take it.

        By id, name, unique beginning of an id, or `pod/name`; `engine:` in front narrows it down.
        Raises NoSuchContainerError and AmbiguousReferenceError.
        """
        containers, problems = self._finder.find()
        with contextlib.suppress(NoSuchContainerError):
            return resolve(containers, reference, problems)
        if await self._finder.ask_engines():
            containers, problems = self._finder.find()
        return resolve(containers, reference, problems)

    async def find_session(self, reference: str) -> ExecSession:
        """The session with this id or unique beginning of one, as the world has it now.

        Raises NoSuchSessionError and AmbiguousReferenceError.
        """
        return await self._records.settler.refreshed(find_id(self._records, reference))

    async def find_any_session(self, reference: str) -> SessionInfo:
        """The session with this id or unique beginning of one, whoever began it.

        Raises NoSuchSessionError and AmbiguousReferenceError.
        """
        with contextlib.suppress(StateError):  # what was last recorded says which one is meant
            return one_session(await self.sessions(), reference)
        return one_session(self._look(), reference)

    def find_session_id(self, reference: str) -> str:
        """The same for its id alone, and for sessions that were removed and events tell of."""
        return find_id(self._records, reference, removed=True)

    async def find_shell(self, container: ContainerInfo) -> list[str]:
        """The command of the best shell there: bash, zsh, ash or sh. Raises NoShellError."""
        record = self._finder.record(container)
        if record is None:
            raise ContainerStateError(f"container {container.name} is gone")
        return [find_shell(container, record)]

    def events(
        self, *, session_id: str = "", since: float | None = None, limit: int = 1000
    ) -> list[Event]:
        """What happened to a session, or to all of them: the newest `limit`, oldest first.

        `since` leaves out what happened before it, in seconds since the epoch.
        """
        return self._records.events.find(session_id=session_id, since=since, limit=limit)

    async def inspect(self, session_id: str) -> InspectExecSession:
        """All that is known of a session, whoever began it, with libpod's fields."""
        session = await self._unrecorded(session_id)
        if session is not None:
            session = self._adoption.looked_at(session)
            judged = self._stuck.judged_again(session)
            return self._inspector.with_facts(inspect_foreign(session), judged)
        recorded = await self._records.settler.refreshed(session_id)
        if self._processes.recent(session_id) is None:
            self._look()
        line = self._processes.known_of(self._lister.describe(recorded))
        judged = self._stuck.judged_again(line)
        return self._inspector.with_facts(self._lister.inspect(recorded), judged)

    async def _unrecorded(self, session_id: str) -> SessionInfo | None:
        """The session with this id, if it is not in the records but was found to run."""
        with contextlib.suppress(NoSuchSessionError):
            self._records.store.get(session_id)
            return None
        found = self._recent(session_id)
        if found is None:
            await self.sessions()
            found = self._recent(session_id)
        return found

    def _recent(self, session_id: str) -> SessionInfo | None:
        """What was just found of a session; nothing where the last look is not recent."""
        if not self._processes.is_recent:
            return None
        return self._processes.recent(session_id) or self._stuck.unreported.session(session_id)

    async def _require_recorded(self, session_id: str) -> None:
        """Raise SessionStateError, with the reason, for a session of somebody else's."""
        session = await self._unrecorded(session_id)
        if session is not None:
            require(session.actions.remove, "removed", session)
