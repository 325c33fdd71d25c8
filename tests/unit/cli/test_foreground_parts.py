"""The parts of a session in the foreground: typing, printing, signals, the terminal's modes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import signal
import termios
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.foreground import Foreground, Manner, Streams
from app.cli.keyboard import DescriptorInput
from app.cli.output_writer import OutputClosedError, OutputWriter
from app.cli.screen_modes import ScreenModes
from app.cli.signals import CaughtSignalError, SignalWatch
from app.cli.tables import render_table, shorten
from app.cli.terminal import FALLBACK_SIZE, raw_mode, terminal_size
from runtime.model import CaughtUp, Ended, Output
from runtime.protocol.detach_keys import DetachScanner
from runtime.sessions import input as session_input
from runtime.sessions.input import forward_input

KEYS = b"\x10\x11"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe: (read end, write end), closed afterwards as far as the test did not."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):  # the test closed it already
            os.close(end)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A pseudo-terminal: (master, slave)."""
    ends = pty.openpty()
    yield ends
    for end in ends:
        os.close(end)


class Taken:
    """Takes what is forwarded."""

    def __init__(self) -> None:
        self.data = b""
        self.came = asyncio.Event()

    async def write(self, data: bytes) -> None:
        self.data += data
        self.came.set()


async def test_input_is_forwarded_to_its_end(pipe: tuple[int, int]) -> None:
    taken = Taken()
    os.write(pipe[1], b"one \x10two\x10")
    os.close(pipe[1])
    assert not await forward_input(DescriptorInput(pipe[0]), DetachScanner(KEYS), taken.write)
    assert taken.data == b"one \x10two\x10"


async def test_detach_keys_end_the_forwarding(pipe: tuple[int, int]) -> None:
    taken = Taken()
    os.write(pipe[1], b"before" + KEYS + b"after")
    assert await forward_input(DescriptorInput(pipe[0]), DetachScanner(KEYS), taken.write)
    assert taken.data == b"before"


async def test_half_of_the_detach_keys_is_delivered_after_a_pause(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_input, "HOLD_BACK", 0.05)
    taken = Taken()
    os.write(pipe[1], b"\x10")
    task = asyncio.create_task(
        forward_input(DescriptorInput(pipe[0]), DetachScanner(KEYS), taken.write)
    )
    async with asyncio.timeout(5):
        await taken.came.wait()
    assert taken.data == b"\x10"
    os.write(pipe[1], b"\x11")  # too late to be the keys
    os.close(pipe[1])
    assert not await task
    assert taken.data == b"\x10\x11"


async def test_input_from_a_file_that_cannot_be_polled() -> None:
    taken = Taken()
    descriptor = os.open(__file__, os.O_RDONLY)
    try:
        assert not await forward_input(
            DescriptorInput(descriptor), DetachScanner(KEYS), taken.write
        )
    finally:
        os.close(descriptor)
    assert taken.data.startswith(b'"""The parts')
    assert taken.data.endswith(b"# the end\n")


async def test_output_is_written_in_order(pipe: tuple[int, int]) -> None:
    writer = OutputWriter()
    for number in range(100):
        await writer.write(pipe[1], b"%d " % number)
    await writer.drain()
    assert os.read(pipe[0], 65536) == b"".join(b"%d " % number for number in range(100))


async def test_a_reader_that_is_gone_is_told_of(pipe: tuple[int, int]) -> None:
    writer = OutputWriter()
    os.close(pipe[0])
    await writer.write(pipe[1], b"x")
    with pytest.raises(OutputClosedError):
        await writer.drain()
    with pytest.raises(OutputClosedError):
        await writer.write(pipe[1], b"y")


async def test_a_reader_that_sleeps_does_not_block_the_loop(pipe: tuple[int, int]) -> None:
    writer = OutputWriter()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            while True:
                await writer.write(pipe[1], bytes(65536))
    os.close(pipe[0])  # lets the writing thread go
    with pytest.raises(OutputClosedError):
        await writer.drain()


async def test_a_signal_cuts_work_short_and_the_next_one_too() -> None:
    with SignalWatch([signal.SIGUSR1]) as watch:
        for _ in range(2):
            asyncio.get_running_loop().call_later(0.02, os.kill, os.getpid(), signal.SIGUSR1)
            with pytest.raises(CaughtSignalError) as caught:
                await watch.run(asyncio.sleep(30))
            assert caught.value.number == signal.SIGUSR1
        assert await watch.run(asyncio.sleep(0, "done")) == "done"


async def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        with SignalWatch([signal.SIGUSR1]) as watch:
            os.kill(os.getpid(), signal.SIGUSR1)
            assert await watch.run(asyncio.sleep(0.05, "done")) == "done"
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_raw_mode_is_undone(terminal: tuple[int, int]) -> None:
    before = termios.tcgetattr(terminal[1])
    with pytest.raises(ZeroDivisionError), raw_mode(terminal[1]):
        assert termios.tcgetattr(terminal[1]) != before
        raise ZeroDivisionError
    assert termios.tcgetattr(terminal[1]) == before


def test_size_of_a_terminal(terminal: tuple[int, int], pipe: tuple[int, int]) -> None:
    assert terminal_size(pipe[0], terminal[1]) == FALLBACK_SIZE  # a size of nothing counts not
    termios.tcsetwinsize(terminal[1], (33, 99))
    found = terminal_size(pipe[0], terminal[1])
    assert (found.rows, found.columns) == (33, 99)


@pytest.mark.parametrize(
    ("printed", "undone"),
    [
        (b"plain text", b""),
        (b"\x1b[?1049h\x1b[?25l", b"\x1b[?1049l\x1b[?25h"),
        (b"\x1b[?1049h\x1b[?1049l", b""),
        (b"\x1b[?1000;1006hx", b"\x1b[?1000l\x1b[?1006l"),
        (b"\x1b[?1h\x1b=\x1b[5;10r", b"\x1b[?1l\x1b7\x1b[r\x1b8\x1b>"),
        (b"\x1b[5;10r\x1b[r\x1b=\x1b>", b""),
        (b"\x1b[>4;2m", b"\x1b[>4m"),
        (b"\x1b[?2004h\x1bc", b""),
        (b"\x1b[?7l\x1b[!p", b""),
    ],
)
def test_modes_are_followed_byte_by_byte(printed: bytes, undone: bytes) -> None:
    whole, split = ScreenModes(), ScreenModes()
    whole.feed(printed)
    for number in range(len(printed)):
        split.feed(printed[number : number + 1])
    assert whole.undo() == split.undo() == undone


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_modes_survive_anything(pieces: list[bytes]) -> None:
    modes = ScreenModes()
    for piece in pieces:
        modes.feed(piece)
    cleared = ScreenModes()
    cleared.feed(b"".join(pieces) + modes.undo() + b"\x1bc")
    assert cleared.undo() == b""


async def test_output_goes_to_its_streams(
    pipe: tuple[int, int], terminal: tuple[int, int], engine: Any
) -> None:
    engine.playing = [
        CaughtUp(),
        Output(data=b"out\n"),
        Output(data=b"err\n", stream=2),
        Ended(exit_code=4),
    ]
    attachment = await engine.attach("f")
    streams = Streams(stdin=None, stdout=pipe[1], stderr=terminal[1])
    foreground = Foreground(engine, attachment, streams, Manner(tty=False, detach_keys=b""))
    assert (await foreground.run("f")).exit_code == 4
    assert os.read(pipe[0], 100) == b"out\n"
    assert os.read(terminal[0], 100) == b"err\r\n"


async def test_the_end_of_piped_input_reaches_the_session(
    pipe: tuple[int, int], engine: Any
) -> None:
    ended = asyncio.Event()
    attachment = await engine.attach("f")

    async def close_stdin() -> None:
        ended.set()

    async def events() -> Any:
        await ended.wait()
        yield Ended(exit_code=0)

    attachment.close_stdin, attachment.events = close_stdin, events
    os.write(pipe[1], b"words" + KEYS)  # not a terminal: these are no detach keys
    os.close(pipe[1])
    manner = Manner(tty=False, detach_keys=KEYS)
    foreground = Foreground(engine, attachment, Streams(stdin=pipe[0]), manner)
    async with asyncio.timeout(5):
        assert not (await foreground.run("f")).left
    assert attachment.written == b"words" + KEYS


def test_tables_pad_and_shorten() -> None:
    assert render_table(("A", "B"), [("xyz", "1"), ("x", "")]) == "A     B\nxyz   1\nx"
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"
    assert shorten("容容容", 5) == "容容…"


# the end
