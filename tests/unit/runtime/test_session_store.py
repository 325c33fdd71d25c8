"""Exec sessions as rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.errors import NoSuchSessionError, StateError
from runtime.model import (
    Client,
    ExecConfig,
    ExecSession,
    ExecState,
    ProcessIdentity,
    TerminalSize,
)
from runtime.state.database import Database, _schema_steps
from runtime.state.sessions import SessionStore

Make = Callable[..., ExecSession]
FULL: dict[str, Any] = {
    "state": ExecState.RUNNING,
    "config": ExecConfig(
        command=["sh", "-c", "echo 'ä\n\x00\"'; %_"],
        terminal=True,
        attach_stdin=True,
        attach_stdout=True,
        attach_stderr=True,
        detach_keys="",
        environment={"A": "b=c", "": "ü"},
        privileged=True,
        user="a:b",
        work_dir="/x y",
        preserve_fds=3,
        exit_command=["true"],
    ),
    "process": ProcessIdentity(pid=12, start_time=2**62),
    "monitor": ProcessIdentity(pid=11, start_time=0),
    "exit_code": -1,
    "started": 1700000000.123456,
    "finished": 1700000001.0,
    "owner": 2**32 - 2,
    "initial_size": TerminalSize(rows=24, columns=80),
    "keeps_output": True,
    "output_cap": 0,
    "client": Client(uid=0, loginuid=1000, sudo_user="jö", pid=77, tty="/dev/pts/3"),
    "container_init": ProcessIdentity(pid=5, start_time=6),
    "legacy": True,
    "container_name": "näme",
}


@pytest.mark.parametrize("fields", [{}, FULL, FULL | {"exit_code": 0}, {"initial_size": None}])
async def test_a_record_comes_back_as_it_was(
    store: SessionStore, make_session: Make, fields: dict[str, Any]
) -> None:
    session = make_session(**fields)
    await store.add(session)
    assert store.get(session.id) == session
    assert store.all() == [session]


async def test_an_update_changes_all_of_one_record(store: SessionStore, make_session: Make) -> None:
    other = make_session(id="b" * 64)
    await store.add(make_session())
    await store.add(other)
    changed = make_session(**FULL, created=2.5, container_key="d" * 32, boot_id="another")
    await store.update(changed)
    assert store.get(changed.id) == changed
    assert store.get(other.id) == other
    await store.update(make_session())
    assert store.get(changed.id) == make_session()


async def test_an_id_is_added_once(store: SessionStore, make_session: Make) -> None:
    await store.add(make_session())
    with pytest.raises(StateError):
        await store.add(make_session(container_name="another"))
    assert store.all() == [make_session()]


@pytest.mark.parametrize("session_id", ["", "a", "a" * 63, "A" * 64, "\udcff", "é"])
async def test_only_the_whole_id_gets_it(
    store: SessionStore, make_session: Make, session_id: str
) -> None:
    await store.add(make_session())
    with pytest.raises(NoSuchSessionError) as caught:
        store.get(session_id)
    assert caught.value.session_id == session_id
    assert "exectop ls" in caught.value.hint


async def test_what_was_removed_is_gone(store: SessionStore, make_session: Make) -> None:
    session, other = make_session(), make_session(id="b" * 64)
    await store.add(session)
    await store.add(other)
    await store.remove(session.id)
    assert store.all() == [other]
    with pytest.raises(NoSuchSessionError):
        store.get(session.id)
    with pytest.raises(NoSuchSessionError):
        await store.update(session)
    await store.remove(session.id)  # once more is no error
    assert store.all() == [other]


async def test_a_prefix_is_taken_literally(store: SessionStore, make_session: Make) -> None:
    for session_id in ("ab1", "ab2", "a%b", "a_b", "%", "_", "*", "Ab1"):
        await store.add(make_session(id=session_id))

    def found(prefix: str) -> set[str]:
        return {each.id for each in store.with_prefix(prefix)}

    assert found("ab") == {"ab1", "ab2"}
    assert found("ab1") == {"ab1"}
    assert found("a%") == {"a%b"}
    assert found("a_") == {"a_b"}
    assert found("%") == {"%"}
    assert found("_") == {"_"}
    assert found("*") == {"*"}
    assert found("A") == {"Ab1"}
    assert found("ab12") == set()
    assert found("' OR 1=1 --") == set()
    assert found("\udcff") == set()
    assert len(found("")) == 8


async def test_the_oldest_comes_first(store: SessionStore, make_session: Make) -> None:
    for session_id, created in (("c", 2.0), ("b", 3.0), ("a", 3.0), ("d", 1.0)):
        await store.add(make_session(id=session_id, created=created))
    assert [each.id for each in store.all()] == ["d", "c", "a", "b"]
    assert [each.id for each in store.with_prefix("")] == ["d", "c", "a", "b"]


async def test_the_sessions_of_one_container(store: SessionStore, make_session: Make) -> None:
    await store.add(make_session(id="a", container_key="one"))
    await store.add(make_session(id="b", container_key="two"))
    assert [each.id for each in store.of_container("two")] == ["b"]
    assert store.of_container("t%") == []


@pytest.mark.parametrize(
    "change",
    [
        "state = 'paused'",
        "state = 'running', pid = NULL, start_time = NULL",
        "config = 'no JSON'",
        "pid = 0, start_time = 1",
        "pid = -1, start_time = 1",
        "pid = 5, start_time = NULL",
        "pid = NULL, start_time = 5",
        "monitor_pid = 0, monitor_start_time = 1",
        "monitor_pid = 5, monitor_start_time = NULL",
        "keeps_output = 2",
        "client = 'no JSON'",
        "init_pid = 0, init_start_time = 1",
        "init_pid = 5, init_start_time = NULL",
        "legacy = 2",
        "created = 'yesterday'",
        "container_id = NULL",
    ],
)
async def test_what_makes_no_sense_is_not_recorded(
    store: SessionStore, database: Database, make_session: Make, change: str
) -> None:
    await store.add(make_session())

    def execute(db: sqlite3.Connection) -> None:
        db.execute(f"UPDATE sessions SET {change}")

    with pytest.raises(StateError):
        await database.write(execute)
    assert store.all() == [make_session()]


async def test_a_running_session_has_a_process(store: SessionStore, make_session: Make) -> None:
    with pytest.raises(StateError):
        await store.add(make_session(state=ExecState.RUNNING))
    assert store.all() == []


async def test_what_an_older_version_wrote_is_read(
    store: SessionStore, database: Database, make_session: Make
) -> None:
    """A config without the fields that came later, and with one that has gone since."""
    await store.add(make_session())
    text = '{"command":["sh"],"terminal":true,"gone":1}'
    await database.write(lambda db: db.execute("UPDATE sessions SET config = ?", (text,)))
    assert store.get("a" * 64).config == ExecConfig(command=["sh"], terminal=True)


OLD = """
INSERT INTO sessions (
    id, container_id, container_key, container_name, container_root, state, config, created,
    boot_id, owner, keeps_output
) VALUES (?, 'box', ?, 'box', '/run/runc', 'created', '{"command":["sh"]}', 1.5, ?, 0, 0)
"""


async def test_a_database_of_an_older_version_is_read(
    make_session: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        older = _schema_steps()[:2]
        before.setattr("runtime.state.database._schema_steps", lambda: older)
        old = Database(tmp_path / "old.db")
        session = make_session()
        values = (session.id, session.container_key, session.boot_id)
        await old.write(lambda db: db.execute(OLD, values))
        old.close()
    new = Database(tmp_path / "old.db")
    assert SessionStore(new).all() == [session]
    new.close()


async def test_two_connections_see_each_other_s_sessions(
    store: SessionStore, make_session: Make, tmp_path: Path
) -> None:
    second = Database(tmp_path / "state.db")
    await store.add(make_session())
    assert SessionStore(second).get("a" * 64) == make_session()
    await SessionStore(second).update(msgspec.structs.replace(make_session(), owner=7))
    assert store.get("a" * 64).owner == 7
    second.close()
