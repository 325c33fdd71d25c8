"""Opening the state database: its schema, its files, and what a user is told when it fails."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from runtime.errors import StateError
from tests.unit.runtime.database.conftest import Open
from tests.unit.runtime.database.failing import Failing

STEPS = [each for each in (resources.files("runtime.state") / "schema").iterdir() if each.is_file()]


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
            cwd=Path(__file__).parents[4],
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
