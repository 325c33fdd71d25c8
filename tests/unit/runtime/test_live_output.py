"""Output that comes from conmon's socket alone, to viewers that keep up and viewers that do not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from runtime.kernel.seqpacket import send
from runtime.model import CaughtUp, Output
from runtime.sessions import pace
from runtime.sessions.live_output import LiveOutput

Event = Output | CaughtUp
STDOUT, STDERR = b"\2", b"\3"
PIECE = 8192


def pair() -> tuple[socket.socket, socket.socket]:
    made = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for each in made:
        each.setblocking(False)
    return made


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our end and conmon's."""
    made = pair()
    yield made
    for each in made:
        each.close()


async def no_other() -> None:
    return None


async def test_all_that_comes_until_the_end(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    output = LiveOutput(ours, no_other)
    theirs.send(STDOUT + b"out")
    theirs.send(STDERR + b"err")
    theirs.close()
    assert [each async for each in output.events()] == [
        CaughtUp(truncated=True),
        Output(data=b"out"),
        Output(data=b"err", stream=2),
    ]
    await output.close()


async def test_a_viewer_that_is_behind_slows_the_session_down_but_loses_nothing(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "PATIENCE", 1e9)
    ours, theirs = ends
    output = LiveOutput(ours, no_other)
    sender = asyncio.create_task(_send(theirs, 200))
    events = output.events()
    await anext(events)
    while output._pace._patience is None:  # as much is there as may be
        await asyncio.sleep(0)
    assert not sender.done()
    got = [each async for each in events]
    assert [each.data[:1] for each in got if isinstance(each, Output)] == _marks(200)
    await output.close()


async def test_nobody_waits_for_long_for_one_that_takes_nothing(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "PATIENCE", 0.01)
    ours, theirs = ends
    output = LiveOutput(ours, no_other)
    async with asyncio.timeout(60):
        await _send(theirs, 200)
    got = [each async for each in output.events()]
    assert got[:2] == [CaughtUp(truncated=True)] * 2
    outputs = [each.data[:1] for each in got[2:] if isinstance(each, Output)]
    assert 0 < len(outputs) < 200
    assert outputs == _marks(200)[-len(outputs) :], "the newest are what is left"
    await output.close()


async def test_one_that_was_cut_off_goes_on_with_another_connection(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    others = pair()

    async def another() -> socket.socket:
        return others[0]

    output = LiveOutput(ours, another)
    events = output.events()
    theirs.send(STDOUT + b"before")
    ours.shutdown(socket.SHUT_RD)
    others[1].send(STDOUT + b"after")
    others[1].close()
    got = [await anext(events) for _ in range(4)]
    assert got[1:] == [Output(data=b"before"), CaughtUp(truncated=True), Output(data=b"after")]
    with pytest.raises(StopAsyncIteration):
        await anext(events)
    await output.close()
    others[0].close()


async def test_it_is_over_where_there_is_no_other_connection(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = ends
    output = LiveOutput(ours, no_other)
    ours.shutdown(socket.SHUT_RD)
    assert [each async for each in output.events()] == [CaughtUp(truncated=True)]
    await output.close()


async def _send(theirs: socket.socket, count: int) -> None:
    for mark in _marks(count):
        await send(theirs, STDOUT + mark * PIECE)
    theirs.close()


def _marks(count: int) -> list[bytes]:
    return [bytes([number % 256]) for number in range(count)]
