"""A database of the test's own, and another program's connection to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.state.database import Database

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
