"""Finding events: which, how many, in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from runtime.model import Event, EventName, ExecSession
from runtime.state import events as module
from runtime.state.database import Database
from runtime.state.events import EventStore

Note = Callable[..., None]
FIRST, SECOND = "ab" * 32, "ac" * 32


@pytest.fixture
def events(tmp_path: Path) -> Iterator[EventStore]:
    database = Database(tmp_path / "state.db")
    yield EventStore(database, count=10_000, days=1_000_000)
    database.close()


@pytest.fixture
async def noted(
    events: EventStore,
    make_session: Callable[..., ExecSession],
    monkeypatch: pytest.MonkeyPatch,
) -> EventStore:
    """A store with four events, of which the third was noted after the clock was set back."""
    first, second = make_session(id=FIRST), make_session(id=SECOND)
    for time, session, name in (
        (1000.0, first, EventName.CREATE),
        (2000.0, second, EventName.CREATE),
        (500.0, first, EventName.START),
        (3000.0, first, EventName.DIED),
    ):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda now=time: now))
        await events.note(session, name)
    return events


def times(found: list[Event]) -> list[float]:
    return [each.time for each in found]


def test_the_order_is_that_of_the_events_not_of_the_clock(noted: EventStore) -> None:
    assert times(noted.find()) == [1000.0, 2000.0, 500.0, 3000.0]
    assert times(noted.find(session_id=FIRST)) == [1000.0, 500.0, 3000.0]


def test_the_newest_are_found(noted: EventStore) -> None:
    assert times(noted.find(limit=2)) == [500.0, 3000.0]
    assert times(noted.find(session_id=FIRST, limit=1)) == [3000.0]


def test_those_since_a_time(noted: EventStore) -> None:
    assert times(noted.find(since=1000.0)) == [1000.0, 2000.0, 3000.0]
    assert times(noted.find(since=1000.1, session_id=FIRST)) == [3000.0]
    assert noted.find(since=3000.5) == []
    assert times(noted.find(since=0.0, limit=1)) == [3000.0]


def test_sessions_are_found_by_the_beginning_of_their_id(noted: EventStore) -> None:
    assert sorted(noted.sessions_with_prefix("a")) == [FIRST, SECOND]
    assert noted.sessions_with_prefix("ac") == [SECOND]
    assert noted.sessions_with_prefix("%") == []
