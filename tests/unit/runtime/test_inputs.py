"""Typing into a session: its errors and its order, and terminals whose master others have, too."""

from __future__ import annotations

import asyncio
import errno
import os
import pty
import socket
import tty
from collections.abc import Iterator

import pytest

from runtime.errors import SessionStateError
from runtime.sessions.inputs import MasterInput, SocketInput, ViewerInput

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


class Slow:
    """A way that takes a byte at a time, or fails."""

    def __init__(self, error: int = 0) -> None:
        self.taken = bytearray()
        self.ended = False
        self._error = error

    async def write(self, data: bytes) -> None:
        if self._error:
            raise OSError(self._error, "as the kernel says it")
        for byte in data:
            await asyncio.sleep(0)
            self.taken.append(byte)

    async def end(self) -> None:
        self.ended = True


async def test_what_is_written_at_once_does_not_mix_and_comes_before_the_end() -> None:
    way = Slow()
    viewer = ViewerInput("a" * 64, way)
    assert viewer.possible
    await asyncio.gather(*(viewer.write(bytes([each]) * 9) for each in b"abc"), viewer.end())
    assert way.taken == b"a" * 9 + b"b" * 9 + b"c" * 9
    assert way.ended


async def test_the_reason_why_there_is_no_way_is_told() -> None:
    viewer = ViewerInput("a" * 64, "start it with stdin attached")
    assert not viewer.possible
    with pytest.raises(SessionStateError) as caught:
        await viewer.write(b"x")
    assert caught.value.message == f"exec session {'a' * 24} takes no input"
    assert caught.value.hint == "start it with stdin attached"
    assert caught.value.session_id == "a" * 64
    await viewer.end()


@pytest.mark.parametrize("error", [errno.EPIPE, errno.ECONNRESET, errno.EBADF, errno.EIO])
async def test_a_session_that_ended_takes_no_more(error: int) -> None:
    with pytest.raises(SessionStateError) as caught:
        await ViewerInput("a" * 64, Slow(error)).write(b"x")
    assert caught.value.message == f"exec session {'a' * 24} takes no more input"
    assert "ended" in caught.value.hint


async def test_another_failure_is_not_taken_for_the_end() -> None:
    with pytest.raises(OSError, match="as the kernel says it"):
        await ViewerInput("a" * 64, Slow(errno.ENOMEM)).write(b"x")


async def test_the_socket_in_use_is_asked_for_each_time() -> None:
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
    in_use = [ours for ours, _ in pairs]
    try:
        for each in in_use:
            each.setblocking(False)
        way = SocketInput(lambda: in_use[0])
        await way.write(b"one")
        in_use.reverse()
        await way.write(b"two")
        assert [theirs.recv(9) for _, theirs in pairs] == [b"one", b"two"]
    finally:
        for each in (end for pair in pairs for end in pair):
            each.close()
