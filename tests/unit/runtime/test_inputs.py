"""Typing into a terminal through its master, which others have, too."""

from __future__ import annotations

import asyncio
import errno
import os
import pty
import tty
from collections.abc import Iterator

import pytest

from runtime.sessions.inputs import MasterInput

MUCH = bytes(range(256)) * 400


@pytest.fixture(params=[True, False], ids=["blocking", "not blocking"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """Master and slave of a terminal that changes nothing."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, request.param)
    yield master, slave
    for each in (master, slave):
        os.close(each)


async def test_more_than_there_is_room_for_arrives_in_order(ends: tuple[int, int]) -> None:
    master, slave = ends
    writing = asyncio.create_task(MasterInput(master).write(MUCH))
    got = b""
    while len(got) < len(MUCH):
        got += await asyncio.to_thread(os.read, slave, 4096)
    await writing
    assert got == MUCH


async def test_nobody_else_waits_while_a_program_reads_nothing(ends: tuple[int, int]) -> None:
    master, _ = ends
    writing = asyncio.create_task(MasterInput(master).write(MUCH))
    done, _ = await asyncio.wait([writing], timeout=0.2)
    assert not done
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing


async def test_a_terminal_that_was_hung_up_takes_nothing() -> None:
    master, slave = pty.openpty()
    os.close(slave)
    try:
        # Whoever opens it again reads it: what is typed then is not lost.
        await MasterInput(master).write(b"x")
    except OSError as error:
        assert error.errno == errno.EIO
    finally:
        os.close(master)
