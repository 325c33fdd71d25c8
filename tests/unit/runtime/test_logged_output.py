"""A viewer's output from the log, rung for by conmon's socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from runtime.model import CaughtUp, Output
from runtime.oci.bundle import ExecBundle
from runtime.sessions.doorbell import Doorbell
from runtime.sessions.kept_output import KeptOutput, SizeJournal, begin_log
from runtime.sessions.logged_output import LoggedOutput, OutputEvent
from runtime.sessions.viewers import registered
from tests.unit.runtime.monitor_side import Monitor


class Session:
    """One session with a viewer, and what a monitor would do."""

    def __init__(self, bundle: ExecBundle, monitor: Monitor, output: LoggedOutput) -> None:
        self._log = bundle.kept_output
        self.monitor = monitor
        self.output = output.events()

    def log(self, text: bytes) -> None:
        with self._log.open("ab") as file:
            file.write(b"2026-01-01T00:00:00.000000000+00:00 stdout P " + text + b"\n")

    def send(self, text: bytes) -> None:
        self.monitor.peer.send(b"\2" + text)

    async def next(self) -> OutputEvent | None:
        """The next event, None at the end."""
        async with asyncio.timeout(20):
            return await anext(self.output, None)


@pytest.fixture
async def session(bundle: ExecBundle) -> AsyncIterator[Session]:
    begin_log(bundle.kept_output)
    monitor = Monitor(bundle)
    kept = KeptOutput(bundle.kept_output)
    with registered(bundle) as registration:
        bell = Doorbell(bundle, monitor.connection, registration)
        sizes = SizeJournal(bundle.sizes, bundle.kept_output)
        output = LoggedOutput(kept, sizes, bell, from_start=True)
        made = Session(bundle, monitor, output)
        assert await made.next() == CaughtUp()
        yield made
        await made.output.aclose()
        await output.close()
    kept.close()
    monitor.close()


async def test_what_is_logged_is_shown_once(session: Session) -> None:
    for text in (b"one", b"two", b"three"):
        session.log(text)
        session.send(text)
        assert await session.next() == Output(data=text, stream=1)
    session.monitor.end()
    assert await session.next() is None


async def test_the_end_may_come_before_the_log_was_ever_read(session: Session) -> None:
    session.monitor.end()
    await asyncio.sleep(0.01)  # the loop takes notice; the viewer has not asked for anything yet
    assert await session.next() is None


async def test_what_could_not_be_logged_is_shown_without_another_ring(session: Session) -> None:
    session.log(b"logged")
    session.send(b"logged")
    session.send(b" and not logged")
    await asyncio.sleep(0.01)
    assert await session.next() == Output(data=b"logged", stream=1)
    assert await session.next() == Output(data=b" and not logged", stream=1)


async def test_what_was_logged_after_a_gap_is_shown_after_what_is_missing(
    session: Session,
) -> None:
    session.send(b"not logged")
    session.log(b"logged again")
    session.send(b"logged again")
    await asyncio.sleep(0.01)
    shown = b""
    while len(shown) < len(b"not loggedlogged again"):
        event = await session.next()
        assert isinstance(event, Output)
        shown += event.data
    assert shown == b"not loggedlogged again"
