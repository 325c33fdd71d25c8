"""Noticing that a peer has read what it was sent, or is gone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.kernel.peer import is_hung_up, wait_hung_up, wait_read

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Our end and the peer's of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


async def _waits(task: asyncio.Task[Any]) -> bool:
    """Whether it still waits after it had every chance to end."""
    for _ in range(20):
        await asyncio.sleep(0)
    return not task.done()


async def test_a_peer_that_reads_all_is_noticed(pair: Pair) -> None:
    ours, theirs = pair
    ours.send(b"x" * 150)
    reading = asyncio.create_task(wait_read(ours, 20))
    assert await _waits(reading)
    theirs.recv(100)
    assert await _waits(reading)
    theirs.recv(100)
    assert await reading


async def test_nothing_sent_is_nothing_to_wait_for(pair: Pair) -> None:
    assert await wait_read(pair[0], 0)


async def test_a_peer_that_does_not_read_is_waited_for_so_long(pair: Pair) -> None:
    pair[0].send(b"x")
    assert not await wait_read(pair[0], 0.01)


async def test_what_a_peer_left_unread_when_it_went_is_not_waited_for(pair: Pair) -> None:
    pair[0].send(b"x")
    reading = asyncio.create_task(wait_read(pair[0], 20))
    assert await _waits(reading)
    pair[1].close()
    assert await reading


async def test_a_closed_peer_is_noticed_and_one_that_only_stopped_writing_is_not(
    pair: Pair,
) -> None:
    ours, theirs = pair
    watching = asyncio.create_task(wait_hung_up(ours))
    theirs.send(b"unread")
    theirs.shutdown(socket.SHUT_WR)
    assert await _waits(watching)
    assert not is_hung_up(ours)
    theirs.close()
    assert is_hung_up(ours)
    async with asyncio.timeout(20):
        await watching


async def test_a_socket_that_is_closed_already_has_no_peer(
    pair: Pair, descriptors: Callable[[], int]
) -> None:
    pair[0].close()
    before = descriptors()
    await wait_hung_up(pair[0])
    assert is_hung_up(pair[0])
    assert await wait_read(pair[0], 20)
    assert descriptors() == before


async def test_no_descriptor_is_left_of_a_wait_that_was_given_up(
    pair: Pair, descriptors: Callable[[], int]
) -> None:
    pair[0].send(b"x")
    before = descriptors()
    tasks = [asyncio.create_task(wait_hung_up(pair[0])), asyncio.create_task(wait_read(pair[0], 9))]
    for task in tasks:
        assert await _waits(task)
        task.cancel()
    await asyncio.wait(tasks)
    assert descriptors() == before


async def test_an_asyncio_transport_can_be_watched(pair: Pair) -> None:
    ours, theirs = pair
    reader, writer = await asyncio.open_connection(sock=ours)
    connection = writer.get_extra_info("socket")
    watching = asyncio.create_task(wait_hung_up(connection))
    assert await _waits(watching)
    theirs.close()
    async with asyncio.timeout(20):
        await watching
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
