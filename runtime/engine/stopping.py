"""What an engine does to have sessions end, and be forgotten."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from runtime.discovery.sessions import one_session
from runtime.engine.looking import Looking
from runtime.model import (
    ContainerInfo,
    LegacyImport,
    Pruned,
    SessionInfo,
    StopStep,
)
from runtime.sessions.legacy import take_over
from runtime.sessions.mending import mend
from runtime.sessions.pruning import plan, prune


class Stopping(Looking):
    """The verbs that stop, clean up, remove and prune."""

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

    async def exec_remove_all(self, container: ContainerInfo) -> None:
        """Stop and forget every session of a container (libpod removeAllExecSessions)."""
        await self._ending.remove_all(container.key)

    async def exec_prune(self, session_id: str, *, idle_limit: float | None = None) -> Pruned:
        """Do away with a session that is stuck, whoever began it; says what was done, and why.

        It is looked at anew: one that is not stuck any more, or not certainly so, is left alone.
        Raises NoSuchSessionError for one that is gone.
        """
        sessions = await self.sessions(idle_limit=idle_limit)
        return await prune(one_session(sessions, session_id), self)

    def prune_plan(self, session: SessionInfo) -> Pruned:
        """What pruning would do with a session, and why, or why it would not."""
        return plan(session)

    async def exec_mend(self, session_id: str) -> None:
        """Have its engine take notice of the end of a session that was just found to have ended.

        Raises SessionStateError where nothing of the kind can be done.
        """
        await mend(self._stuck.unreported.mending(session_id))

    async def import_legacy(self, container: ContainerInfo, state: bytes) -> LegacyImport:
        """Take over the sessions of a running container that a libpod before podman 2 recorded.

        `state` is libpod's JSON of the container's state. Only sessions whose process is beyond
        doubt are taken over; they can be listed, inspected, stopped and removed by force.
        """
        return await take_over(self._records, self._finder, container, state)
