"""Exec sessions as rows: the one place where an `ExecSession` meets SQL."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from runtime.errors import NoSuchSessionError
from runtime.model import (
    Client,
    ExecConfig,
    ExecSession,
    ExecState,
    ProcessIdentity,
    TerminalSize,
)
from runtime.state.database import Change, Database

_COLUMNS = (
    "id, container_id, container_key, container_name, container_root, state, config, created, "
    "boot_id, pid, start_time, monitor_pid, monitor_start_time, exit_code, started, finished, "
    "owner, rows, columns, keeps_output, client, init_pid, init_start_time, output_cap, legacy"
)
_NAMES = _COLUMNS.split(", ")


class SessionStore:
    """Reads and writes exec sessions. Change a session only under its container's lock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._all: list[ExecSession] = []
        self._all_of: tuple[int, int] | None = None

    async def add(self, session: ExecSession, *also: Change) -> None:
        """Record a new session; `also` becomes part of the same transaction, as below."""
        marks = ", ".join("?" * len(_NAMES))
        statement = f"INSERT INTO sessions ({_COLUMNS}) VALUES ({marks})"
        await self._write(statement, _to_row(session), also)

    async def update(self, session: ExecSession, *also: Change) -> None:
        """Record what became of a session. Raises NoSuchSessionError if it was removed."""
        changes = ", ".join(f"{name} = ?" for name in _NAMES)
        statement = f"UPDATE sessions SET {changes} WHERE id = ?"
        if await self._write(statement, (*_to_row(session), session.id), also) == 0:
            raise _no_such(session.id)

    async def remove(self, session_id: str, *also: Change) -> None:
        """Forget a session; it is no error if it was forgotten already."""
        await self._write("DELETE FROM sessions WHERE id = ?", (session_id,), also)

    async def _write(
        self, statement: str, values: tuple[object, ...], also: tuple[Change, ...]
    ) -> int:
        def change(db: sqlite3.Connection) -> int:
            count = db.execute(statement, values).rowcount
            for each in also if count else ():
                each(db)
            return count

        return await self._database.write(change)

    def get(self, session_id: str) -> ExecSession:
        """The session with this whole id. Raises NoSuchSessionError."""
        # Not every argument of a command line can be written as UTF-8, which SQLite takes.
        found = self._select("WHERE id = ?", (session_id,)) if session_id.isascii() else []
        if not found:
            raise _no_such(session_id)
        return found[0]

    def with_prefix(self, prefix: str) -> list[ExecSession]:
        """Sessions whose id begins with `prefix`, which is taken literally."""
        if not prefix.isascii():
            return []  # ids are hex digits; and not every argument can be written as UTF-8
        return self._select("WHERE substr(id, 1, ?) = ?", (len(prefix), prefix))

    def all(self) -> list[ExecSession]:
        """Every session, oldest first."""
        # Lists ask for it again and again, and seldom has anything changed.
        version = self._database.version()
        if version != self._all_of:
            self._all = self._select("", ())
            self._all_of = version
        return list(self._all)

    def of_container(self, container_key: str) -> list[ExecSession]:
        """The sessions of one container, oldest first."""
        return self._select("WHERE container_key = ?", (container_key,))

    def _select(self, where: str, values: tuple[object, ...]) -> list[ExecSession]:
        query = f"SELECT {_COLUMNS} FROM sessions {where} ORDER BY created, id"
        return [_from_row(row) for row in self._database.read(query, values)]


def _no_such(session_id: str) -> NoSuchSessionError:
    return NoSuchSessionError(
        f"no exec session {session_id[:12]}", hint="exectop ls lists them", session_id=session_id
    )


def _to_row(session: ExecSession) -> tuple[object, ...]:
    process, monitor, size = session.process, session.monitor, session.initial_size
    client, init = session.client, session.container_init
    return (
        session.id,
        session.container_id,
        session.container_key,
        session.container_name,
        session.container_root,
        session.state.value,
        msgspec.json.encode(session.config).decode(),
        session.created,
        session.boot_id,
        process.pid if process else None,
        process.start_time if process else None,
        monitor.pid if monitor else None,
        monitor.start_time if monitor else None,
        session.exit_code,
        session.started,
        session.finished,
        session.owner,
        size.rows if size else None,
        size.columns if size else None,
        int(session.keeps_output),
        msgspec.json.encode(client).decode() if client else None,
        init.pid if init else None,
        init.start_time if init else None,
        session.output_cap,
        int(session.legacy),
    )


def _from_row(row: tuple[Any, ...]) -> ExecSession:
    fields = dict(zip(_NAMES, row, strict=True))
    process = _identity(fields.pop("pid"), fields.pop("start_time"))
    monitor = _identity(fields.pop("monitor_pid"), fields.pop("monitor_start_time"))
    rows, columns = fields.pop("rows"), fields.pop("columns")
    size = TerminalSize(rows=rows, columns=columns) if rows and columns else None
    fields["state"] = ExecState(fields["state"])
    fields["config"] = msgspec.json.decode(fields["config"], type=ExecConfig)
    fields["keeps_output"] = bool(fields["keeps_output"])
    fields["legacy"] = bool(fields["legacy"])
    fields["container_init"] = _identity(fields.pop("init_pid"), fields.pop("init_start_time"))
    if fields["client"] is not None:
        fields["client"] = msgspec.json.decode(fields["client"], type=Client)
    return ExecSession(process=process, monitor=monitor, initial_size=size, **fields)


def _identity(pid: int | None, start_time: int | None) -> ProcessIdentity | None:
    if pid is None or start_time is None:
        return None
    return ProcessIdentity(pid=pid, start_time=start_time)
