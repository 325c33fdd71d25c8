"""The one door to the layer: the dashboard, the command line and any server go through it.

An engine lives on one asyncio loop. It speaks in the records of `runtime.model` and raises the
errors of `runtime.errors`; several engines, in several programs, may work on one host at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from runtime.discovery.containers import ContainerFinder
from runtime.discovery.inspection import Inspector, inspect_foreign
from runtime.discovery.news import HostNews
from runtime.discovery.references import resolve
from runtime.discovery.sessions import Recorded, SessionFinder, one_session
from runtime.discovery.stuck_facts import StuckFinder
from runtime.errors import (
    ContainerStateError,
    InvalidArgumentError,
    NoSuchContainerError,
    NoSuchSessionError,
    StateError,
)
from runtime.kernel.folders import make_private
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import (
    AttachPlan,
    ContainerInfo,
    EngineSettings,
    Event,
    ExecConfig,
    ExecResult,
    ExecSession,
    HTTPAttachResult,
    HTTPAttachStreams,
    InspectExecSession,
    LegacyImport,
    Overview,
    Pruned,
    SessionInfo,
    StopStep,
    TerminalSize,
)
from runtime.oci.base import Monitor
from runtime.oci.conmon import Conmon
from runtime.protocol.hijack import HijackRequest
from runtime.sessions.adopt import Adoption
from runtime.sessions.attachment import AnyAttachment, Attachment
from runtime.sessions.beginning import Beginning
from runtime.sessions.ending import Ending
from runtime.sessions.foreign import Foreign, require
from runtime.sessions.hijacked import start_and_serve
from runtime.sessions.hijacked_client import ClientReader, ClientWriter
from runtime.sessions.legacy import take_over
from runtime.sessions.listing import SessionLister
from runtime.sessions.mending import mend
from runtime.sessions.no_session import NoSession
from runtime.sessions.places import Places
from runtime.sessions.prepare import find_shell
from runtime.sessions.pruning import plan, prune
from runtime.sessions.records import Records
from runtime.sessions.recovery import Recovery
from runtime.sessions.references import find_id
from runtime.sessions.settle import Settler
from runtime.sessions.starting import Starter
from runtime.sessions.viewing import Viewing
from runtime.sessions.whole import run_to_end
from runtime.state.events import EventStore
from runtime.state.opening import open_database
from runtime.state.sessions import SessionStore

DATABASE = "exectop.sqlite3"

_log = logging.getLogger(__name__)


class Engine:
    """Containers and exec sessions of this host. Use as `async with Engine(settings) as engine`."""

    def __init__(self, settings: EngineSettings, monitor: Monitor | None = None) -> None:
        """Nothing is opened or made before the context is entered.

        `monitor` starts the sessions: conmon, unless another is given (`runtime.oci.fake`).
        """
        self._settings = settings
        self._monitor = monitor
        self._finder = ContainerFinder(settings.roots)
        self._asking: asyncio.Task[bool] | None = None

    async def __aenter__(self) -> Engine:
        """Open the state, making folders where need be. Raises StateError."""
        settings = self._settings
        state_dir, run_dir = Path(settings.state_dir), Path(settings.run_dir)
        for folder in (state_dir, run_dir, run_dir / "bundles", run_dir / "locks"):
            _make_private(folder)
        self._database, set_aside = await open_database(state_dir / DATABASE)
        self._problems = [set_aside] if set_aside else []
        self._records = records = self._open_records(run_dir)
        runtimes = {"runc": settings.runc, "crun": settings.crun}
        monitor = self._monitor or Conmon(settings.conmon, runtimes)
        starter = Starter(records.store, records.events, monitor, settings.kept_output)
        self._beginning = Beginning(records, self._finder, starter)
        self._no_session = NoSession(records.places, self._finder, monitor)
        self._viewing = Viewing(records)
        self._ending = Ending(records, settings.stop_timeout)
        self._lister = SessionLister(records)
        self._recovery = Recovery(records)
        self._proc = ProcFolder()
        self._news = HostNews(self._proc)
        self._processes = SessionFinder(self._proc)
        self._inspector = Inspector(self._proc)
        self._stuck = StuckFinder(
            self._proc, self._finder.docker_daemons, self._finder.monitors, settings.idle_limit
        )
        self._foreign = Foreign(records.events, settings.stop_timeout)
        self._adoption = Adoption(records.events, run_dir / "keepers")
        return self

    def _open_records(self, run_dir: Path) -> Records:
        store, places = SessionStore(self._database), Places(run_dir)
        events = EventStore(
            self._database, count=self._settings.events_count, days=self._settings.events_days
        )
        return Records(store, events, places, Settler(store, events, places))

    async def __aexit__(self, *_: object) -> None:
        """Close the state; sessions go on."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        self._news.close()
        self._proc.close()
        self._finder.close()
        self._database.close()

    async def overview(self) -> Overview:
        """Containers and sessions as they are now; what is found ended or broken is mended."""
        self._processes.look()
        containers, problems = self._finder.find(self._processes.processes())
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
        self._processes.look()
        processes = self._processes.processes()
        containers, _ = self._finder.find(processes)
        await self.recover()
        for problem in await self._lister.settle(processes):
            _log.warning(problem)
        return self._sessions_of(containers, idle_limit)

    def _look(self) -> list[SessionInfo]:
        self._processes.look()
        containers, _ = self._finder.find(self._processes.processes())
        return self._sessions_of(containers)

    def _sessions_of(
        self, containers: list[ContainerInfo], idle_limit: float | None = None
    ) -> list[SessionInfo]:
        bundles = str(self._records.places.bundles)
        recorded = Recorded(self._lister.sessions(), bundles)
        found = self._processes.find(containers, recorded)
        return self._stuck.judged(found, containers, idle_limit)

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

    async def exec_create(self, container: ContainerInfo, config: ExecConfig) -> str:
        """Create a session in a running container; gives its id."""
        return await self._beginning.create(container, config)

    async def exec_start(self, session_id: str, size: TerminalSize | None = None) -> None:
        """Start a created session, detached. `size` is its terminal's from the first moment."""
        await self._beginning.start(session_id, size)

    async def exec_start_and_attach(
        self, session_id: str, size: TerminalSize | None = None
    ) -> Attachment:
        """Start a created session and attach to it before it prints its first byte."""
        return await self._beginning.start_and_attach(session_id, size)

    async def exec_http_start_and_attach(
        self,
        session_id: str,
        connection: tuple[ClientReader, ClientWriter],
        request: HijackRequest,
        *,
        streams: HTTPAttachStreams | None = None,
        size: TerminalSize | None = None,
    ) -> HTTPAttachResult:
        """Start a created session and serve it over an HTTP connection.

        `connection` is what is left of the HTTP connection once the request was read: all that
        the client sends from there on is the session's input. `streams` None means those that
        the session was created with. While an error can be raised the connection is not touched,
        so that an error response can be sent; once the session runs the response head is
        written, and the connection is used up. Being cancelled leaves the session running.
        """
        return await start_and_serve(
            self._beginning, session_id, connection, request, streams=streams, size=size
        )

    async def attach(self, session_id: str, *, rescue: bool = False) -> AnyAttachment:
        """Attach to a running session, whoever began it.

        `rescue` takes the terminal of another program's session from whoever holds it: for those
        whose engine lets nobody come back. `plan_attach` tells what that does; ask the user first.
        Raises SessionStateError, with the reason, where it is not possible.
        """
        session = await self._unrecorded(session_id)
        if session is not None:
            return await self._adoption.attach(session, rescue=rescue)
        if rescue:
            plan = AttachPlan()
            raise InvalidArgumentError(f"cannot rescue {session_id[:12]}: {plan.rescue.reason}")
        return await self._viewing.attach(session_id)

    async def plan_attach(self, session_id: str) -> AttachPlan:
        """What attaching to a session would do, and rescuing it; nothing is done."""
        session = await self._unrecorded(session_id)
        return AttachPlan() if session is None else self._adoption.plan(session)

    async def exec(
        self,
        container: ContainerInfo,
        config: ExecConfig,
        *,
        stdin: bytes = b"",
        timeout: float | None = None,
        limit: int = 1024 * 1024,
    ) -> ExecResult:
        """Create, run and remove a session in one call (libpod Exec).

        Gives the exit code and up to `limit` bytes of each output stream that is attached. After
        `timeout` seconds the command and all it started is killed, and ExecTimeoutError raised.
        Whatever happens, no record, bundle or process is left.
        """
        session_id = await self.exec_create(container, config)
        try:
            attachment = await self.exec_start_and_attach(session_id)
            try:
                return await run_to_end(attachment, stdin, timeout=timeout, limit=limit)
            finally:
                await attachment.close()
        finally:
            await self._ending.discard(session_id)

    async def exec_no_session(
        self,
        container: ContainerInfo,
        config: ExecConfig,
        *,
        stdin: bytes = b"",
        timeout: float | None = None,
        limit: int = 1024 * 1024,
    ) -> ExecResult:
        """Run a command without recording it (libpod ExecNoSession); otherwise like `exec`.

        It is in no list, has no events and cannot be attached to. The database is not touched:
        once the engine is open it may be locked or full. If this program dies meanwhile, whoever
        looks at the sessions next ends the command and says so.
        """
        async with self._no_session.attached(container, config) as attachment:
            return await run_to_end(attachment, stdin, timeout=timeout, limit=limit)

    async def exec_resize(self, session_id: str, size: TerminalSize) -> None:
        """Set the size of a running session's terminal, whoever began it."""
        session = await self._unrecorded(session_id)
        if session is not None:
            await self._foreign.resize(session, size)
            self._adoption.resized(session, size)
        else:
            await self._viewing.resize(session_id, size)

    async def exec_stop_steps(
        self, session_id: str, timeout: float | None = None
    ) -> AsyncGenerator[StopStep, None]:
        """Stop a running session, whoever began it; iterate to do it and to see how far it is."""
        session = await self._unrecorded(session_id)
        if session is not None:
            steps = self._foreign.stop_steps(session, timeout)
        else:
            steps = self._ending.stop_steps(session_id, timeout)
        async with contextlib.aclosing(steps):
            async for step in steps:
                yield step

    async def exec_stop(self, session_id: str, timeout: float | None = None) -> None:
        """Stop a running session: SIGTERM, `timeout` seconds, SIGKILL."""
        async for _ in self.exec_stop_steps(session_id, timeout):
            pass

    async def exec_cleanup(self, session_id: str) -> None:
        """Remove the temporary files of a session that does not run."""
        await self._require_recorded(session_id)
        await self._ending.cleanup(session_id)

    async def exec_remove(self, session_id: str, *, force: bool = False) -> None:
        """Forget a session; `force` stops a running one first."""
        await self._require_recorded(session_id)
        await self._ending.remove(session_id, force=force)

    async def exec_prune(self, session_id: str, *, idle_limit: float | None = None) -> Pruned:
        """Do away with a session that is stuck, whoever began it; says what was done, and why.

        It is looked at anew: one that is not stuck any more, or not certainly so, is left alone.
        Raises NoSuchSessionError for one that is gone.
        """
        sessions = await self.sessions(idle_limit=idle_limit)
        return await prune(one_session(sessions, session_id), self)

    async def exec_mend(self, session_id: str) -> None:
        """Have its engine take notice of the end of a session that was just found to have ended.

        Raises SessionStateError where nothing of the kind can be done.
        """
        await mend(self._stuck.unreported.mending(session_id))

    def prune_plan(self, session: SessionInfo) -> Pruned:
        """What pruning would do with a session, and why, or why it would not."""
        return plan(session)

    def events(
        self, *, session_id: str = "", since: float | None = None, limit: int = 1000
    ) -> list[Event]:
        """What happened to a session, or to all of them: the newest `limit`, oldest first.

        `since` leaves out what happened before it, in seconds since the epoch.
        """
        return self._records.events.find(session_id=session_id, since=since, limit=limit)

    async def exec_remove_all(self, container: ContainerInfo) -> None:
        """Stop and forget every session of a container (libpod removeAllExecSessions)."""
        await self._ending.remove_all(container.key)

    async def import_legacy(self, container: ContainerInfo, state: bytes) -> LegacyImport:
        """Take over the sessions of a running container that a libpod before podman 2 recorded.

        `state` is libpod's JSON of the container's state. Only sessions whose process is beyond
        doubt are taken over; they can be listed, inspected, stopped and removed by force.
        """
        return await take_over(self._records, self._finder, container, state)

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
        if self._processes.recent(session_id) is None:
            await self.sessions()
        return self._processes.recent(session_id) or self._stuck.unreported.session(session_id)

    async def _require_recorded(self, session_id: str) -> None:
        """Raise SessionStateError, with the reason, for a session of somebody else's."""
        session = await self._unrecorded(session_id)
        if session is not None:
            require(session.actions.remove, "removed", session)


def _make_private(folder: Path) -> None:
    try:
        make_private(folder)
        owner = folder.stat().st_uid
    except OSError as error:
        raise StateError(
            f"cannot make the folder {folder}: {error.strerror}",
            hint="run as root, or set EXECTOP_STATE_DIR and EXECTOP_RUN_DIR",
        ) from error
    if owner not in (0, os.geteuid()):
        # Its owner could put links in the place of what is kept there.
        raise StateError(
            f"the folder {folder} belongs to another user ({owner})",
            hint="name a folder of your own: EXECTOP_STATE_DIR and EXECTOP_RUN_DIR",
        )
