"""Stopping and sizing sessions that another program began, by their processes.

Their engine learns of the end as of any other: its monitor waits for the same process.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from runtime.errors import SessionStateError
from runtime.kernel import tty
from runtime.model import (
    Action,
    EventName,
    ProcessIdentity,
    SessionInfo,
    SessionProcess,
    StopStep,
    TerminalSize,
)
from runtime.sessions.preconditions import check_size
from runtime.sessions.stop import end_processes
from runtime.sessions.tree import SessionTree
from runtime.state.events import EventStore


class Foreign:
    """What can be done to a session without its record."""

    def __init__(self, events: EventStore, default_timeout: float) -> None:
        self._events = events
        self._default_timeout = default_timeout

    async def stop_steps(
        self, session: SessionInfo, timeout: float | None
    ) -> AsyncGenerator[StopStep, None]:
        """End all processes of the session; tells how far it is.

        Raises SessionStateError for one that has ended, AccessDeniedError for another user's,
        StopFailedError for processes that outlive SIGKILL.
        """
        allowed = self._default_timeout if timeout is None else timeout
        require(session.actions.stop, "stopped", session)
        await self._events.note(session, EventName.STOP, detail=f"timeout {allowed:g} s")
        async for step in end_processes(session.id, _Trees(session), allowed):
            yield step
        yield StopStep(session_id=session.id, phase="stopped", timeout=allowed, remaining=0)

    async def resize(self, session: SessionInfo, size: TerminalSize) -> None:
        """Set the size of its terminal, whoever else sets it, too."""
        check_size(size)
        require(session.actions.resize, "resized", session)
        tty.set_size(_leader(session), size)
        detail = f"{size.columns}x{size.rows}"
        await self._events.note(session, EventName.RESIZE, detail=detail)


def require(action: Action, what: str, session: SessionInfo) -> None:
    """Raise SessionStateError, with the reason, where an action is not possible."""
    if not action.possible:
        raise SessionStateError(
            f"exec session {session.id[:24]} cannot be {what}: {action.reason}",
            hint="exectop inspect tells what can be done to it",
            session_id=session.id,
        )


def _leader(session: SessionInfo) -> ProcessIdentity:
    return ProcessIdentity(pid=session.pid, start_time=session.start_time)


class _Trees:
    """The session's tree, and a tree of each process that was found to belong to it besides."""

    def __init__(self, session: SessionInfo) -> None:
        first = SessionTree(session.id, _leader(session), None)
        found = {each.process for each in first.look()}
        others = [each.process for each in session.tree if each.process not in found]
        self._trees = [first, *(SessionTree(session.id, each, None) for each in others)]

    def look(self) -> list[SessionProcess]:
        """The processes that are alive now, each once."""
        found = {each.process: each for tree in reversed(self._trees) for each in tree.look()}
        return list(reversed(found.values()))
