"""Reading and writing: transactions, locks, and what a user is told when they fail."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable

import pytest

from runtime.errors import StateError
from runtime.state.database import Database
from tests.unit.runtime.database.conftest import Open
from tests.unit.runtime.database.failing import Failing


def insert(text: str) -> Callable[[sqlite3.Connection], int]:
    def change(db: sqlite3.Connection) -> int:
        return db.execute("INSERT INTO notes VALUES (?)", (text,)).rowcount

    return change


def notes(database: Database) -> list[object]:
    return [text for (text,) in database.read("SELECT text FROM notes")]


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
