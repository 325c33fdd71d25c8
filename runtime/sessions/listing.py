"""Sessions as the lists show them."""

from __future__ import annotations

from collections.abc import Mapping

from runtime.errors import LockTimeoutError
from runtime.kernel.life import LifeWatch
from runtime.model import (
    ExecSession,
    ExecState,
    InspectExecSession,
    ProcessIdentity,
    SessionInfo,
)
from runtime.sessions.inspecting import inspect_session
from runtime.sessions.records import Records
from runtime.sessions.viewers import ViewerCounts

# A session's state, and its process by the number of its inode, 0 for none.
_Life = tuple[ExecState, int]

# How long, in seconds, a list waits for one who is at work on a session.
_PATIENCE = 0.5

ORIGIN = "exectop"
LEGACY_ORIGIN = "podman"


class SessionLister:
    """Reads the records, checks the running ones against the world, and describes them."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._running: list[ExecSession] = []
        self._unchanged: dict[str, _Life] = {}
        self._watch = LifeWatch()
        self._viewers = ViewerCounts()

    def close(self) -> None:
        """Close what is kept open."""
        self._watch.close()

    async def settle(self, processes: Mapping[int, int]) -> list[str]:
        """Record the end of every session that has ended (libpod getActiveExecSessions).

        `processes` are those that there are, as `ProcFolder.pids` gives them: a session whose
        processes are the same as at the last look is not looked at again. A list waits for
        nobody: where another program has a session under its lock, a sentence tells that it is
        shown as last recorded.
        """
        problems = []
        before, self._unchanged = self._unchanged, {}
        sessions = self._records.store.all()
        living = self._watch.living([each for one in sessions for each in _vital(one)])
        for session in sessions:
            life = _life(session, processes) if living.issuperset(_vital(session)) else None
            if life is None or before.get(session.id) != life:
                try:
                    if await self._records.settler.settle_if_changed(session, _PATIENCE):
                        continue
                except LockTimeoutError as error:
                    problems.append(f"exec session {session.id[:12]} is as last recorded: {error}")
                    continue
            if life is not None:
                self._unchanged[session.id] = life
        return problems

    def sessions(self) -> list[SessionInfo]:
        """Every session as recorded, oldest first; one that a viewer holds up is freed."""
        sessions = self._records.store.all()
        self._running = [each for each in sessions if each.state is ExecState.RUNNING]
        self._viewers.begin_look()
        lines = [self.describe(each) for each in sessions]
        for session, line in zip(sessions, lines, strict=True):
            if line.attached:
                self._records.settler.free(session)
        return lines

    def processes(self) -> list[ProcessIdentity]:
        """First processes and monitors of the sessions last seen running."""
        pairs = ((each.process, each.monitor) for each in self._running)
        return [process for pair in pairs for process in pair if process is not None]

    def describe(self, session: ExecSession) -> SessionInfo:
        """One session as the list shows it."""
        running = session.state is ExecState.RUNNING
        return SessionInfo(
            id=session.id,
            container_id=session.container_id,
            container_key=session.container_key,
            container_name=session.container_name,
            origin=LEGACY_ORIGIN if session.legacy else ORIGIN,
            state=session.state,
            pid=session.pid,
            start_time=session.process.start_time if session.process else 0,
            command=session.config.command,
            tty=session.config.terminal,
            user=session.config.user,
            created=session.created,
            started=session.started,
            finished=session.finished,
            exit_code=session.exit_code,
            attached=self._viewers.count(self._records.places.bundle(session)) if running else 0,
            monitor_alive=session.process is None or running,
            owner=session.owner,
        )

    def inspect(self, session: ExecSession) -> InspectExecSession:
        """Everything of one session (libpod ExecSession.Inspect, and our own fields)."""
        return inspect_session(
            session, self.describe(session), self._records.places.bundle(session)
        )


def _vital(session: ExecSession) -> list[ProcessIdentity]:
    """The processes whose end, be it as zombies, is a change.

    Not that of a running session's own process: until conmon has waited for it there is nothing
    to record, and after that it is in no list any more.
    """
    if session.state is ExecState.RUNNING:
        vital = session.monitor or session.process
    else:
        created = session.state is ExecState.CREATED
        vital = session.container_init if created else session.process
    return [] if vital is None else [vital]


def _life(session: ExecSession, processes: Mapping[int, int]) -> _Life | None:
    """What has to stay the same, too, for the session to be as it was; None where it is gone."""
    if session.process is None:
        return session.state, 0
    inode = processes.get(session.process.pid)
    return None if inode is None else (session.state, inode)
