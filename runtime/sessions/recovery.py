"""Mending what a crash left: every bundle must belong to a session that has use for it.

A program may die between any two steps of a start, a stop or a removal. Each leaves a bundle
whose record says something else than the world; here the record follows the world. What another
program works on just now is locked, and is left alone.
"""

from __future__ import annotations

import os
from pathlib import Path

from runtime.errors import LockTimeoutError, NoSuchSessionError
from runtime.model import EventName, ExecSession, ExecState
from runtime.oci.bundle import ExecBundle
from runtime.sessions.no_session import clear_abandoned
from runtime.sessions.observe import read_exit_code
from runtime.sessions.owner import read_owner
from runtime.sessions.recording import record_running, record_stopped
from runtime.sessions.records import Records
from runtime.sessions.remains import Remains, examine, kept_output_cap, rebuild


class Recovery:
    """Looks through the bundles and mends."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def mend(self) -> list[str]:
        """Mend what can be mended now; gives a sentence for each thing that was."""
        mended = []
        bundles = self._records.places.bundles
        names = _bundle_names(bundles)
        # Read after the folders were: a session has its bundle before it is recorded as running.
        sessions = self._records.store.all()
        running = {each.id for each in sessions if each.state is ExecState.RUNNING}
        for key, name in names:
            if name in running:
                continue
            try:
                async with self._records.places.session_locked(key, name, timeout=0):
                    sentence = await self._mend_one(bundles / key / name)
            except LockTimeoutError:
                continue  # somebody is at work there
            if sentence:
                mended.append(f"exec session {name[:12]}: {sentence}")
        return mended

    def _find(self, session_id: str) -> ExecSession | None:
        try:
            return self._records.store.get(session_id)
        except NoSuchSessionError:
            return None

    async def _mend_one(self, folder: Path) -> str:
        session = self._find(folder.name)
        if session is None:
            return await self._mend_unrecorded(folder)
        if session.state is ExecState.CREATED:
            return await self._mend_start(session)
        if session.state is ExecState.STOPPED:
            await self._records.places.bundle(session).remove()
            return "removed the files it left when it ended"
        return ""

    async def _mend_unrecorded(self, folder: Path) -> str:
        """A bundle that never had a record, or was removed half-way, or the database was lost."""
        bundle = ExecBundle(folder, "")
        if not bundle.exists:
            return ""  # it was removed since the look around
        owner = read_owner(bundle)
        if owner is not None:
            return "" if owner.lives else await clear_abandoned(bundle)
        remains = examine(bundle, folder.name)
        session = rebuild(bundle, remains)
        if session is not None and session.container_key == folder.parent.name:
            found = self._records.events.adding(session, EventName.START, detail="found again")
            await self._records.store.add(session, found)
            return "found running without a record, and recorded again"
        if remains.busy:
            return ""  # it is about to start or to end: the next look will tell
        await bundle.remove()
        return "removed files that belong to no session"

    async def _mend_start(self, session: ExecSession) -> str:
        """A start that was cut short: the monitor may have gone on without its starter."""
        bundle = self._records.places.bundle(session)
        remains = examine(bundle, session.id)
        exit_code = read_exit_code(bundle)
        if exit_code is not None:
            await self._record_end(session, bundle, remains, exit_code)
            return "its start was cut short, but it ran; recorded how it ended"
        if remains.process is not None and remains.monitor is not None:
            await self._record_running(session, bundle, remains)
            return "its start was cut short, but it runs; recorded as running"
        if remains.busy:
            return ""
        if remains.process is not None:
            await self._record_end(session, bundle, remains, None)
            return f"its start was cut short; process {remains.process.pid} runs without a monitor"
        await bundle.remove()
        return "its start was cut short before anything ran; it can be started again"

    async def _record_running(
        self, session: ExecSession, bundle: ExecBundle, remains: Remains
    ) -> None:
        assert remains.process is not None
        await record_running(
            self._records.store,
            self._records.events,
            session,
            remains.process,
            remains.monitor,
            output_cap=kept_output_cap(bundle, remains),
            detail="found again",
        )

    async def _record_end(
        self, session: ExecSession, bundle: ExecBundle, remains: Remains, exit_code: int | None
    ) -> None:
        await record_stopped(
            self._records.store,
            self._records.events,
            session,
            exit_code,
            survivor=remains.process,
        )
        await bundle.remove()


def _bundle_names(bundles: Path) -> list[tuple[str, str]]:
    """Container key and session id of each bundle."""
    return [(key, name) for key in _folders(bundles) for name in _folders(bundles / key)]


def _folders(parent: Path) -> list[str]:
    try:
        with os.scandir(parent) as entries:
            return sorted(each.name for each in entries if each.is_dir())
    except FileNotFoundError:
        return []
