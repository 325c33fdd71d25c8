"""The events of sessions: written in the same transaction as what they tell of."""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import Any

import msgspec

from runtime.errors import StateError
from runtime.kernel.client import this_client
from runtime.model import Client, Event, EventName, ExecSession, SessionInfo
from runtime.state.database import Change, Database

_COLUMNS = "time, name, session_id, container_id, container_name, exit_code, detail, client"
# Old events are looked for once in so many, not at each.
_PRUNE_EVERY = 64
_DAY = 86_400.0

_log = logging.getLogger(__name__)


class EventStore:
    """Writes and reads events, and forgets those that are too old or too many."""

    def __init__(self, database: Database, *, count: int, days: float) -> None:
        self._database = database
        self._count = count
        self._days = days

    def adding(
        self,
        session: ExecSession | SessionInfo,
        name: EventName,
        *,
        exit_code: int | None = None,
        detail: str = "",
    ) -> Change:
        """A change, to be part of a transaction, that adds an event of now and of this program."""
        client = msgspec.json.encode(this_client()).decode()
        ids = (session.id, session.container_id, session.container_name)
        values = (time.time(), name.value, *ids, exit_code, detail, client)

        def add(db: sqlite3.Connection) -> None:
            statement = f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            number = db.execute(statement, values).lastrowid
            if number is not None and number % _PRUNE_EVERY == 0:
                self._prune(db, number)

        return add

    def _prune(self, db: sqlite3.Connection, newest: int) -> None:
        oldest_time = time.time() - self._days * _DAY
        values = (newest - self._count, oldest_time)
        db.execute("DELETE FROM events WHERE id <= ? OR time < ?", values)

    async def note(
        self, session: ExecSession | SessionInfo, name: EventName, *, detail: str = ""
    ) -> None:
        """Add an event that goes with no other change.

        Where it cannot be written the failure is logged: that the books are closed must not keep
        anybody from leaving or stopping a session.
        """
        try:
            await self._database.write(self.adding(session, name, detail=detail))
        except StateError as error:
            _log.warning("%s of session %s was not noted: %s", name, session.id, error)

    def find(
        self, *, session_id: str = "", since: float | None = None, limit: int = 1000
    ) -> list[Event]:
        """The newest `limit` events, oldest of them first.

        `session_id` asks for those of one session, `since` for those from then on, in seconds
        since the epoch.
        """
        conditions = (("session_id = ?", session_id or None), ("time >= ?", since))
        asked = [(text, value) for text, value in conditions if value is not None]
        where = "WHERE " + " AND ".join(text for text, _ in asked) if asked else ""
        values = (*(value for _, value in asked), limit)
        return self._select(f"{where} ORDER BY id DESC LIMIT ?", values)[::-1]

    def sessions_with_prefix(self, prefix: str) -> list[str]:
        """Ids of the sessions that events tell of and that begin with `prefix`."""
        query = "SELECT DISTINCT session_id FROM events WHERE substr(session_id, 1, ?) = ?"
        return [str(row[0]) for row in self._database.read(query, (len(prefix), prefix))]

    def exit_code_of(self, session_id: str) -> int | None:
        """The exit code that was noted when the session died (libpod GetExecDiedEvent)."""
        query = "WHERE session_id = ? AND name = ? ORDER BY id DESC LIMIT 1"
        found = self._select(query, (session_id, EventName.DIED.value))
        return found[0].exit_code if found else None

    def _select(self, rest: str, values: tuple[object, ...]) -> list[Event]:
        rows = self._database.read(f"SELECT {_COLUMNS} FROM events {rest}", values)
        return [_from_row(row) for row in rows]


def _from_row(row: tuple[Any, ...]) -> Event:
    when, name, session_id, container_id, container_name, exit_code, detail, client = row
    return Event(
        time=when,
        name=EventName(name),
        session_id=session_id,
        container_id=container_id,
        container_name=container_name,
        client=msgspec.json.decode(client, type=Client),
        exit_code=exit_code,
        detail=detail,
    )
