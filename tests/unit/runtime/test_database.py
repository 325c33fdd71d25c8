"""The state database: opening, schema, transactions, and what a user is told when it fails."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import StateError
from runtime.state.database import Database

STEPS = [each for each in (resources.files("runtime.state") / "schema").iterdir() if each.is_file()]
Open = Callable[..., Database]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def open_database(path: Path) -> Iterator[Open]:
    """A function that opens a database, at `path` unless told; all are closed at the end."""
    opened: list[Database] = []

    def open_it(at: Path = path, **options: Any) -> Database:
        opened.append(Database(at, **options))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


@pytest.fixture
def database(open_database: Open) -> Database:
    """A new database that waits for no more than 50 ms."""
    made = open_database(busy_timeout=0.05)
    made._connection.execute("CREATE TABLE notes (text TEXT CHECK (text <> 'bad'))")
    return made


@pytest.fixture
def other(path: Path, database: Database) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the same database."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    yield connection
    connection.close()


def insert(text: str) -> Callable[[sqlite3.Connection], int]:
    def change(db: sqlite3.Connection) -> int:
        return db.execute("INSERT INTO notes VALUES (?)", (text,)).rowcount

    return change


def notes(database: Database) -> list[object]:
    return [text for (text,) in database.read("SELECT text FROM notes")]


def test_a_new_database_has_every_step_of_the_schema(open_database: Open, path: Path) -> None:
    database = open_database()
    assert len(STEPS) > 0
    assert database.read("PRAGMA user_version") == [(len(STEPS),)]
    assert database.read("PRAGMA journal_mode") == [("wal",)]
    assert database.read("SELECT count(*) FROM sessions") == [(0,)]


def test_opening_again_keeps_what_is_there(open_database: Open) -> None:
    first = open_database()
    first._connection.execute("CREATE TABLE kept (x)")
    first.close()
    assert open_database().read("SELECT count(*) FROM kept") == [(0,)]


def test_the_files_are_private_whatever_the_umask(
    open_database: Open, tmp_path: Path, mode_of: Callable[[Path], int]
) -> None:
    before = os.umask(0)
    try:
        open_database()
    finally:
        os.umask(before)
    modes = {each.name: mode_of(each) for each in tmp_path.iterdir()}
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


def test_a_newer_schema_is_refused_and_left_alone(open_database: Open, path: Path) -> None:
    open_database().close()
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StateError) as caught:
        open_database()
    assert "newer exectop (schema 99)" in caught.value.message
    assert "update exectop" in caught.value.hint
    assert path.read_bytes() == before


def test_a_step_that_fails_leaves_nothing_behind(
    open_database: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ["CREATE TABLE one (x);\n", "CREATE TABLE two (x);\nCREATE TABLE one (x);\n"]
    monkeypatch.setattr("runtime.state.database._schema_steps", lambda: steps)
    with pytest.raises(StateError):
        open_database()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


def test_only_the_missing_steps_are_taken(
    open_database: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ["CREATE TABLE one (x);\nINSERT INTO one VALUES (1);\n"]
    monkeypatch.setattr("runtime.state.database._schema_steps", lambda: steps)
    open_database().close()
    steps.append("CREATE TABLE two (x);\n")
    database = open_database()
    assert database.read("SELECT x FROM one") == [(1,)]
    assert database.read("SELECT x FROM two") == []


def test_a_failed_opening_closes_its_connection(
    path: Path, open_database: Open, descriptors: Callable[[], int]
) -> None:
    path.write_bytes(b"this is no database" * 100)
    before = descriptors()
    with pytest.raises(StateError) as caught:
        open_database()
    assert descriptors() == before
    assert caught.value.message.startswith(f"cannot use the state database {path}: ")
    assert "begins a new one" in caught.value.hint


OPEN = """
import sys
from pathlib import Path
from runtime.state.database import Database
print("ready", flush=True)
sys.stdin.readline()
Database(Path(sys.argv[1])).close()
print("opened", flush=True)
"""


def test_several_programs_may_make_it_at_once(path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for _ in range(4)
    ]
    for each in started:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in started:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    assert [each.communicate()[0] for each in started] == ["opened\n"] * 4


class Failing:
    """A connection on which one statement fails so many times with a code of SQLite's."""

    def __init__(
        self, connection: sqlite3.Connection, statement: str, code: int, times: int
    ) -> None:
        self._connection = connection
        self._statement = statement
        self._code = code
        self.left = times

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == self._statement and self.left:
            self.left -= 1
            error = sqlite3.OperationalError("as SQLite says it")
            error.sqlite_errorcode = self._code
            raise error
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.mark.parametrize(("times", "code"), [(3, sqlite3.SQLITE_BUSY), (1, 261)])
def test_switching_to_write_ahead_logging_is_tried_again(
    open_database: Open, path: Path, monkeypatch: pytest.MonkeyPatch, times: int, code: int
) -> None:
    failing = Failing(sqlite3.connect(path), "PRAGMA journal_mode = WAL", code, times)
    monkeypatch.setattr("runtime.state.database.sqlite3.connect", lambda *_, **__: failing)
    open_database(busy_timeout=5)
    assert failing.left == 0


def test_switching_is_given_up_after_the_timeout(
    open_database: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Failing(
        sqlite3.connect(path), "PRAGMA journal_mode = WAL", sqlite3.SQLITE_BUSY, 10**9
    )
    monkeypatch.setattr("runtime.state.database.sqlite3.connect", lambda *_, **__: failing)
    with pytest.raises(StateError) as caught:
        open_database(busy_timeout=0.02)
    assert "try again" in caught.value.hint
    assert failing.left < 10**9 - 1


def test_an_unknown_folder(open_database: Open, tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught:
        open_database(tmp_path / "nowhere" / "state.db")
    assert "No such file or directory" in caught.value.message
    assert "--state-dir" in caught.value.hint


def test_a_folder_that_may_not_be_written(open_database: Open, unprivileged: Path) -> None:
    unprivileged.chmod(0o500)
    with pytest.raises(StateError) as caught:
        open_database(unprivileged / "state.db")
    assert "Permission denied" in caught.value.message
    assert "--state-dir" in caught.value.hint
    assert list(unprivileged.iterdir()) == []


def test_a_file_that_may_not_be_written(open_database: Open, unprivileged: Path) -> None:
    path = unprivileged / "state.db"
    open_database(path).close()
    path.chmod(0o400)
    with pytest.raises(StateError) as caught:
        open_database(path)
    assert "--state-dir" in caught.value.hint


async def test_a_write_is_recorded_and_gives_back_what_the_change_gave(
    database: Database, other: sqlite3.Connection
) -> None:
    assert await database.write(insert("one")) == 1
    assert other.execute("SELECT text FROM notes").fetchall() == [("one",)]


@pytest.mark.parametrize("error", [KeyError, asyncio.CancelledError, KeyboardInterrupt])
async def test_an_exception_undoes_all_of_it(
    database: Database, other: sqlite3.Connection, error: type[BaseException]
) -> None:
    def change(db: sqlite3.Connection) -> None:
        insert("lost")(db)
        raise error

    with pytest.raises(error):
        await database.write(change)
    assert notes(database) == []
    other.execute("BEGIN IMMEDIATE")  # and it is not locked
    other.execute("ROLLBACK")
    await database.write(insert("next"))
    assert notes(database) == ["next"]


async def test_a_broken_constraint_undoes_all_of_it(database: Database) -> None:
    def change(db: sqlite3.Connection) -> None:
        insert("good")(db)
        insert("bad")(db)

    with pytest.raises(StateError) as caught:
        await database.write(change)
    assert "CHECK constraint failed" in caught.value.message
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)
    assert notes(database) == []


async def test_a_write_waits_for_another_s_while_the_loop_goes_on(
    open_database: Open, database: Database, other: sqlite3.Connection
) -> None:
    patient = open_database(busy_timeout=10)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO notes VALUES ('theirs')")
    writing = asyncio.create_task(patient.write(insert("ours")))
    # Only because the loop goes on does the other ever get to commit.
    await asyncio.sleep(0.01)
    assert not writing.done()
    assert notes(patient) == []
    other.execute("COMMIT")
    await writing
    assert notes(patient) == ["theirs", "ours"]


async def test_a_read_does_not_wait_for_a_writer(
    database: Database, other: sqlite3.Connection
) -> None:
    await database.write(insert("before"))
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO notes VALUES ('not yet')")
    assert notes(database) == ["before"]
    other.execute("ROLLBACK")


async def test_a_lock_that_is_held_too_long(database: Database, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    loop = asyncio.get_running_loop()
    start = loop.time()
    with pytest.raises(StateError) as caught:
        await database.write(insert("late"))
    assert loop.time() - start >= 0.05
    assert "locked" in caught.value.message
    assert "try again" in caught.value.hint
    other.execute("ROLLBACK")
    await database.write(insert("in time"))
    assert notes(database) == ["in time"]


async def test_waiting_may_be_cancelled(
    open_database: Open, database: Database, other: sqlite3.Connection
) -> None:
    patient = open_database(busy_timeout=60)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(patient.write(insert("never")))
    await asyncio.sleep(0.005)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    other.execute("ROLLBACK")
    await patient.write(insert("now"))
    assert notes(patient) == ["now"]


async def test_many_tasks_of_one_connection_do_not_mix_their_changes(database: Database) -> None:
    def add_one(db: sqlite3.Connection) -> None:
        (count,) = db.execute("SELECT count(*) FROM notes").fetchone()
        insert(str(count))(db)

    await asyncio.gather(*(database.write(add_one) for _ in range(20)))
    assert notes(database) == [str(number) for number in range(20)]


async def test_what_was_computed_from_the_old_state_is_never_written_over_the_new(
    open_database: Open, database: Database
) -> None:
    connections = [open_database(busy_timeout=10) for _ in range(3)]

    def add_one(db: sqlite3.Connection) -> None:
        (count,) = db.execute("SELECT count(*) FROM notes").fetchone()
        insert(str(count))(db)

    await asyncio.gather(*(each.write(add_one) for each in connections * 5))
    assert notes(database) == [str(number) for number in range(15)]


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_BUSY_SNAPSHOT]
)
async def test_every_kind_of_busy_is_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(
        database, "_connection", Failing(database._connection, "BEGIN IMMEDIATE", code, 2)
    )
    await database.write(insert("after all"))
    assert notes(database) == ["after all"]


async def test_a_full_disk(database: Database) -> None:
    (pages,) = database.read("PRAGMA page_count")[0]
    database.read(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StateError) as caught:
        await database.write(insert("x" * 100_000))
    assert "full" in caught.value.message
    assert "disk is full" in caught.value.hint
    await database.write(insert("small"))
    assert notes(database) == ["small"]


async def test_a_closed_database_is_an_error_of_ours(database: Database) -> None:
    database.close()
    with pytest.raises(StateError):
        database.read("SELECT 1")
    with pytest.raises(StateError):
        await database.write(insert("x"))
