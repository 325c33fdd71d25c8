"""The one way in which a running session becomes a stopped one, whoever notices first."""

from __future__ import annotations

import msgspec

from runtime.errors import NoSuchSessionError
from runtime.kernel.proc import boot_id, is_alive
from runtime.model import EventName, ExecSession, ExecState
from runtime.sessions.observe import Fate, observe
from runtime.sessions.places import LOCK_TIMEOUT, Places
from runtime.sessions.recording import record_stopped
from runtime.sessions.stalls import Stalls, wait_monitor_ended
from runtime.state.events import EventStore
from runtime.state.sessions import SessionStore

# How long conmon may take to note an exit code (libpod readExecExitCode).
EXIT_TIMEOUT = 5.0


class Settler:
    """Brings records up to date with the world."""

    def __init__(self, store: SessionStore, events: EventStore, places: Places) -> None:
        self._store = store
        self._events = events
        self._places = places
        self._stalls = Stalls()

    async def refreshed(self, session_id: str) -> ExecSession:
        """The session as the world has it now: one that has ended is settled first."""
        session = self._store.get(session_id)
        if self._is_ending(session):
            bundle = self._places.bundle(session)
            await wait_monitor_ended(session.monitor, bundle, EXIT_TIMEOUT)
        if await self.settle_if_changed(session):
            session = self._store.get(session_id)
        return session

    def _is_ending(self, session: ExecSession) -> bool:
        if session.state is not ExecState.RUNNING:
            return False
        return observe(session, self._places.bundle(session)).fate is Fate.ENDING

    async def settle_if_changed(self, session: ExecSession, patience: float = LOCK_TIMEOUT) -> bool:
        """Settle a session whose record says something else than the world; whether it did.

        One that runs, but is held up by a viewer that reads nothing, is freed at a later look.

        Where nothing changed no lock is taken, so that looking never waits for work. Raises
        LockTimeoutError when the session is at work elsewhere for `patience` seconds.
        """
        if session.state is ExecState.RUNNING:
            fate = observe(session, self._places.bundle(session)).fate
            self.free(session)
            changed = fate in (Fate.ENDED, Fate.ORPHANED)
        elif session.state is ExecState.CREATED:
            changed = _container_ended(session)
        else:
            changed = _survivor_ended(session)
        if changed:
            await self.settle(session.id, patience)
        return changed

    def free(self, session: ExecSession) -> None:
        """Have a running session go on, or come to its end, where a viewer holds it up."""
        self._stalls.look(self._places.bundle(session))

    async def settle(self, session_id: str, patience: float = LOCK_TIMEOUT) -> int | None:
        """Record the end of a session that has ended, and remove its bundle.

        One that was never started has ended with the run of its container that it was made for.
        Does nothing for one that still runs under its monitor. One whose monitor is gone counts
        as stopped with an unknown exit code: its process, if alive, stays in the record, so that
        it can be told of and ended. A legacy session is forgotten. Gives the exit code, None
        where it is not known.
        """
        try:
            session = self._store.get(session_id)
            key = session.container_key
            async with self._places.session_locked(key, session_id, timeout=patience):
                return await self._settle_locked(self._store.get(session_id))
        except NoSuchSessionError:
            # Removed meanwhile; what it died with was noted before.
            return self._events.exit_code_of(session_id)

    async def _settle_locked(self, session: ExecSession) -> int | None:
        if session.state is ExecState.RUNNING and session.legacy:
            await self._settle_legacy(session)
        elif session.state is ExecState.RUNNING:
            await self._settle_running(session)
        elif session.state is ExecState.CREATED:
            await self._settle_created(session)
        elif _survivor_ended(session):
            await self._store.update(msgspec.structs.replace(session, process=None))
        return self._store.get(session.id).exit_code

    async def _settle_created(self, session: ExecSession) -> None:
        if _container_ended(session):
            detail = "its container ended before it was started"
            await record_stopped(self._store, self._events, session, None, detail=detail)

    async def _settle_legacy(self, session: ExecSession) -> None:
        # As libpod does: nothing is known of its end, so there is nothing to keep.
        if observe(session, self._places.bundle(session)).fate is Fate.ENDED:
            died = self._events.adding(session, EventName.DIED, detail=Fate.ENDED.value)
            await self._store.remove(session.id, died)

    async def _settle_running(self, session: ExecSession) -> None:
        bundle = self._places.bundle(session)
        observed = observe(session, bundle)
        if observed.fate in (Fate.RUNNING, Fate.ENDING):
            return
        survivor = session.process if observed.fate is Fate.ORPHANED else None
        exit_code = observed.exit_code
        if exit_code is None:
            exit_code = self._events.exit_code_of(session.id)
        await record_stopped(
            self._store,
            self._events,
            session,
            exit_code,
            survivor=survivor,
            detail=observed.fate.value,
        )
        await bundle.remove()


def _container_ended(session: ExecSession) -> bool:
    """Whether the run of its container that the session was made for is known to be over."""
    if session.boot_id != boot_id():
        return True
    return session.container_init is not None and not is_alive(session.container_init)


def _survivor_ended(session: ExecSession) -> bool:
    """Whether the process that outlived its monitor has ended since, or was of another boot."""
    if session.process is None:
        return False
    return session.boot_id != boot_id() or not is_alive(session.process)
