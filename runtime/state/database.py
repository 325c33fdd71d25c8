"""The SQLite database: opening it, bringing its schema up to date, writing without lost updates.

Write-ahead logging lets readers go on beside the one writer; BEGIN IMMEDIATE takes the write lock
before anything is read, so that what a change was computed from cannot change under it. The
schema's version is SQLite's `user_version`; each step is a numbered file in `schema/`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sqlite3
import time
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import TypeVar

from runtime.errors import DamagedStateError, StateError

T = TypeVar("T")
# A part of a transaction.
Change = Callable[[sqlite3.Connection], object]

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_START_AGAIN = "start exectop again: it keeps the file aside and begins a new one"
# https://www.sqlite.org/fileformat.html, 1.3
_HEADER = b"SQLite format 3\0"
_SHORTEST_PAUSE = 0.001
_LONGEST_PAUSE = 0.05


class Database:
    """One connection, for use on one thread."""

    def __init__(self, path: Path, *, busy_timeout: float = 10.0) -> None:
        """Open (or make) the database at `path`; its folder must exist.

        `busy_timeout` is how long, in seconds, a write waits for another program's. Raises
        StateError where the file cannot be used.
        """
        self.path = path
        self._busy_timeout = busy_timeout
        with self._translated():
            self._prepare_file()
            _check_header(path)
            self._connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None)
            with contextlib.ExitStack() as on_failure:
                on_failure.callback(self._connection.close)
                self._use_wal()
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._migrate()
                # From now on waiting is done in `write`, where the loop goes on meanwhile.
                self._connection.execute("PRAGMA busy_timeout = 0")
                on_failure.pop_all()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def read(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """The rows of a query; in WAL mode this never waits for a writer."""
        with self._translated():
            return self._connection.execute(query, values).fetchall()

    def version(self) -> tuple[int, int]:
        """What changes with every change to the database, by us and by others.

        SQLite's PRAGMA data_version tells of other connections' changes only.
        """
        ((others,),) = self.read("PRAGMA data_version")
        assert isinstance(others, int)
        return others, self._connection.total_changes

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Run `change` in one transaction: all of it is recorded, or nothing.

        `change` must not wait for anything. Raises StateError when the database stays locked for
        longer than the busy timeout, is full, or cannot be written.
        """
        await self._begin()
        with self._translated():
            try:
                result = change(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            return result

    async def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._busy_timeout, _SHORTEST_PAUSE
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if _code(error) not in _BUSY or loop.time() > deadline:
                    raise self._translate(error) from error
            else:
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _prepare_file(self) -> None:
        # SQLite would make it with the umask's mode; commands and environments are private.
        with contextlib.suppress(FileExistsError):
            self.path.touch(mode=0o600, exist_ok=False)

    def _use_wal(self) -> None:
        # SQLite's own busy timeout does not hold here: of two programs that switch a new file
        # at once, one is refused on the spot.
        deadline = time.monotonic() + self._busy_timeout
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if _code(error) not in _BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_SHORTEST_PAUSE)
            else:
                return

    def _migrate(self) -> None:
        steps = _schema_steps()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version > len(steps):
                raise StateError(
                    f"{self.path} was made by a newer exectop (schema {version})",
                    hint="update exectop, or point --state-dir elsewhere",
                )
            for statement in _statements(steps[version:]):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {len(steps)}")
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._translate(error) from error

    def _translate(self, error: sqlite3.Error | OSError) -> StateError:
        hints = {
            sqlite3.SQLITE_BUSY: "another program holds it; try again when that has finished",
            sqlite3.SQLITE_FULL: "the disk is full; make room and try again",
            sqlite3.SQLITE_READONLY: "make it writable, or point --state-dir elsewhere",
            sqlite3.SQLITE_CORRUPT: _START_AGAIN,
            sqlite3.SQLITE_NOTADB: _START_AGAIN,
        }
        kind = DamagedStateError if _code(error) in _DAMAGED else StateError
        return kind(
            f"cannot use the state database {self.path}: {error}",
            hint=hints.get(_code(error), "check the state folder, or point --state-dir elsewhere"),
        )


def _check_header(path: Path) -> None:
    # SQLite takes a file of fewer bytes than a header for a new database, and would write over it.
    with path.open("rb") as file:
        beginning = file.read(len(_HEADER))
    if beginning and beginning != _HEADER:
        error = sqlite3.DatabaseError("file is not a database")
        error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
        raise error


def _code(error: sqlite3.Error | OSError) -> int:
    # The primary code: the extended ones, such as SQLITE_BUSY_RECOVERY, hold it in the low byte.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@functools.cache
def _schema_steps() -> list[str]:
    folder = resources.files("runtime.state") / "schema"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [file.read_text(encoding="utf-8") for file in files]


def _statements(steps: list[str]) -> Iterator[str]:
    # executescript commits first, which would break a migration into pieces.
    gathered = ""
    for line in "\n".join(steps).splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
