"""What is recorded when a session begins to run and when it ends, whatever the clock does."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from runtime.errors import NoSuchSessionError
from runtime.kernel.proc import boot_id
from runtime.model import EventName, ExecSession, ExecState, ProcessIdentity, TerminalSize
from runtime.sessions import recording
from runtime.sessions.recording import record_running, record_stopped
from runtime.state.database import Database
from runtime.state.events import EventStore
from runtime.state.sessions import SessionStore

Make = Callable[..., ExecSession]
PROCESS = ProcessIdentity(pid=12, start_time=34)
MONITOR = ProcessIdentity(pid=11, start_time=33)
SIZE = TerminalSize(rows=24, columns=80)


@pytest.fixture
def events(database: Database) -> EventStore:
    return EventStore(database, count=100, days=1)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A function that sets the clock that records are dated by."""

    def set_to(now: float) -> None:
        monkeypatch.setattr(recording, "time", SimpleNamespace(time=lambda: now))

    return set_to


async def test_a_start_is_recorded_with_all_that_belongs_to_it(
    store: SessionStore, events: EventStore, make_session: Make
) -> None:
    session = make_session(boot_id="another")
    await store.add(session)
    await record_running(
        store, events, session, PROCESS, MONITOR, output_cap=7, size=SIZE, attached=True
    )
    found = store.get(session.id)
    assert (found.state, found.process, found.monitor) == (ExecState.RUNNING, PROCESS, MONITOR)
    assert (found.initial_size, found.keeps_output, found.output_cap) == (SIZE, True, 7)
    assert found.boot_id == boot_id()
    names = [each.name for each in events.find(session_id=session.id)]
    assert names == [EventName.START, EventName.ATTACH]


@pytest.mark.parametrize(("cap", "keeps"), [(None, False), (0, True)])
async def test_output_that_is_not_kept_is_told_from_output_without_a_cap(
    store: SessionStore, events: EventStore, make_session: Make, cap: int | None, keeps: bool
) -> None:
    session = make_session()
    await store.add(session)
    await record_running(store, events, session, PROCESS, None, output_cap=cap)
    found = store.get(session.id)
    assert (found.keeps_output, found.output_cap) == (keeps, cap)
    assert [each.name for each in events.find(session_id=session.id)] == [EventName.START]


@pytest.mark.parametrize("survivor", [None, PROCESS])
async def test_an_end_is_recorded_with_its_event(
    store: SessionStore,
    events: EventStore,
    make_session: Make,
    survivor: ProcessIdentity | None,
) -> None:
    session = make_session(
        state=ExecState.RUNNING, process=PROCESS, monitor=MONITOR, boot_id="another"
    )
    await store.add(session)
    await record_stopped(store, events, session, 3, survivor=survivor, detail="why")
    found = store.get(session.id)
    assert (found.state, found.exit_code) == (ExecState.STOPPED, 3)
    assert (found.process, found.monitor) == (survivor, None)
    assert found.boot_id == (boot_id() if survivor else "another")
    (died,) = events.find(session_id=session.id)
    assert (died.name, died.exit_code, died.detail) == (EventName.DIED, 3, "why")


async def test_a_clock_that_is_set_back_makes_no_end_before_its_beginning(
    store: SessionStore, events: EventStore, make_session: Make, set_clock: Callable[[float], None]
) -> None:
    session = make_session(created=1000.0)
    await store.add(session)
    set_clock(400.0)
    await record_running(store, events, session, PROCESS, MONITOR, output_cap=None)
    assert store.get(session.id).started == 1000.0

    set_clock(2000.0)
    await record_running(store, events, session, PROCESS, MONITOR, output_cap=None)
    assert store.get(session.id).started == 2000.0
    set_clock(500.0)
    await record_stopped(store, events, store.get(session.id), 0)
    assert store.get(session.id).finished == 2000.0


async def test_one_that_never_started_does_not_end_before_it_was_made(
    store: SessionStore, events: EventStore, make_session: Make, set_clock: Callable[[float], None]
) -> None:
    session = make_session(created=1000.0)
    await store.add(session)
    set_clock(500.0)
    await record_stopped(store, events, session, 127)
    assert store.get(session.id).finished == 1000.0


async def test_of_a_session_that_is_gone_nothing_is_noted(
    store: SessionStore, events: EventStore, make_session: Make
) -> None:
    session = make_session()
    with pytest.raises(NoSuchSessionError):
        await record_running(store, events, session, PROCESS, MONITOR, output_cap=None)
    with pytest.raises(NoSuchSessionError):
        await record_stopped(store, events, session, 0)
    assert events.find() == []
