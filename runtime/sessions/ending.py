"""libpod's ExecStop, ExecCleanup and ExecRemove: how sessions come to their end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator

from runtime.errors import NoSuchSessionError, SessionStateError, StopFailedError
from runtime.kernel.environ import pid_namespace
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import boot_id, is_alive
from runtime.kernel.process_state import process_state
from runtime.model import EventName, ExecSession, ExecState, ProcessIdentity, StopStep
from runtime.protocol.session_state import Verb, require
from runtime.sessions.observe import Fate, observe
from runtime.sessions.records import Records
from runtime.sessions.settle import EXIT_TIMEOUT
from runtime.sessions.stalls import wait_monitor_ended
from runtime.sessions.stop import end_processes
from runtime.sessions.tree import SessionTree


class Ending:
    """Ends sessions. No lock is held while processes are given time to end."""

    def __init__(self, records: Records, default_timeout: float) -> None:
        self._records = records
        self._default_timeout = default_timeout

    async def stop_steps(
        self, session_id: str, timeout: float | None, *, force: bool = False
    ) -> AsyncGenerator[StopStep, None]:
        """Stop a session, its whole tree; tells how far it is.

        A session that counts as stopped because its monitor is gone can be stopped, too, for as
        long as its process lives. A monitor that does not note the end is an error; by force it
        is killed, and the exit code is lost.
        """
        allowed = self._default_timeout if timeout is None else timeout
        session = self._records.store.get(session_id)
        leader = self._leader(session)
        if leader is None:
            require(Verb.STOP, session.state, session_id)
        else:
            await self._records.events.note(
                session, EventName.STOP, detail=f"timeout {allowed:g} s"
            )
            tree = SessionTree(session_id, leader, pid_namespace(leader.pid))
            async for step in end_processes(session_id, tree, allowed):
                yield step
            await self._wait_noted(session, force=force)
        exit_code = await self._records.settler.settle(session_id)
        yield StopStep(
            session_id=session_id,
            phase="stopped",
            timeout=allowed,
            remaining=0,
            exit_code=exit_code,
        )

    async def _wait_noted(self, session: ExecSession, *, force: bool) -> None:
        """Wait until the monitor of a session without processes has noted the exit code."""
        monitor, bundle = session.monitor, self._records.places.bundle(session)
        if monitor is None or await wait_monitor_ended(monitor, bundle, EXIT_TIMEOUT):
            return
        if observe(session, bundle).fate is Fate.ENDED:
            return  # it has, and does something else yet
        if not force:
            raise StopFailedError(
                f"the processes of exec session {session.id[:12]} have ended, but its monitor has "
                f"not noted the exit code: conmon {monitor.pid} is {process_state(monitor)}",
                hint="it is suspended, or a viewer holds it up: let that go on, or remove the "
                "session by force",
                session_id=session.id,
            )
        send_signal(monitor, signal.SIGKILL)
        await wait_ended(monitor, EXIT_TIMEOUT)

    def _leader(self, session: ExecSession) -> ProcessIdentity | None:
        """The process to begin with, None when it is known to have ended."""
        if session.boot_id != boot_id() or session.process is None:
            return None
        if session.state is ExecState.RUNNING:
            ended = observe(session, self._records.places.bundle(session)).fate is Fate.ENDED
            return None if ended else session.process
        return session.process

    async def cleanup(self, session_id: str) -> None:
        """Remove the temporary files of a session that does not run (libpod ExecCleanup)."""
        session = await self._records.settler.refreshed(session_id)
        async with self._records.places.session_locked(session.container_key, session_id):
            session = self._records.store.get(session_id)
            require(Verb.CLEANUP, session.state, session_id)
            await self._records.places.bundle(session).remove()
            await self._records.events.note(session, EventName.CLEANUP)

    async def remove(self, session_id: str, *, force: bool) -> None:
        """Forget a session (libpod ExecRemove); by force, what of it runs is ended first."""
        session = await self._records.settler.refreshed(session_id)
        if force and (session.state is ExecState.RUNNING or is_alive(session.process)):
            async for _ in self.stop_steps(session_id, None, force=True):
                pass
            if session.legacy:
                return  # its record went with its process
        async with self._records.places.session_locked(session.container_key, session_id):
            session = self._records.store.get(session_id)
            require(Verb.REMOVE, session.state, session_id)
            _require_no_survivor(session)
            await self._records.places.bundle(session).remove()
            removed = self._records.events.adding(session, EventName.REMOVE)
            await self._records.store.remove(session_id, removed)

    async def discard(self, session_id: str) -> None:
        """Leave nothing of a session, at once; one that is forgotten already is fine."""
        with contextlib.suppress(NoSuchSessionError):
            session = await self._records.settler.refreshed(session_id)
            if session.state is ExecState.RUNNING or is_alive(session.process):
                async for _ in self.stop_steps(session_id, 0, force=True):
                    pass
            await self.remove(session_id, force=True)

    async def remove_all(self, container_key: str) -> None:
        """Stop and forget every session of a container, several at a time.

        Goes on past failures and raises the first one in the end.
        """
        sessions = self._records.store.of_container(container_key)
        removals = (self.remove(session.id, force=True) for session in sessions)
        results = await asyncio.gather(*removals, return_exceptions=True)
        failures = [each for each in results if isinstance(each, BaseException)]
        for failure in failures:
            if not isinstance(failure, NoSuchSessionError):
                raise failure


def _require_no_survivor(session: ExecSession) -> None:
    if is_alive(session.process):
        raise SessionStateError(
            f"cannot remove exec session {session.id[:12]}: its monitor is gone, but its process "
            f"{session.pid} runs on",
            hint="stop it first, or remove it by force",
            session_id=session.id,
        )
