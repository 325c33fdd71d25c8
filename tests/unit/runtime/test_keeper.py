"""Connections that stay open when their viewers leave: the keeper, and having one from it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import SessionStateError, StateError
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.proc import PROC, identify
from runtime.kernel.seqpacket import is_hung_up, unread_bytes
from runtime.model import ProcessIdentity
from runtime.sessions import keeper as keeper_module
from runtime.sessions.keeper import Keeper

PATIENCE = 30.0


class Monitor:
    """A process that stands for conmon, and its socket."""

    def __init__(self, child: Any, process: ProcessIdentity, path: Path) -> None:
        self.child = child
        self.process = process
        self.attach = path
        self.accepted: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folder = os.open(path.parent, os.O_PATH)
        self._listener.bind(f"/proc/self/fd/{folder}/{path.name}")
        os.close(folder)
        self._listener.listen(64)
        self._listener.settimeout(PATIENCE)

    def accept_all(self) -> int:
        """Take up who has connected; how many have, all in all."""
        while select.select([self._listener], [], [], 0)[0]:
            self.accepted.append(self._listener.accept()[0])
            self.accepted[-1].settimeout(PATIENCE)
        return len(self.accepted)

    def end(self) -> None:
        self.child.kill()
        self.child.wait()

    def close(self) -> None:
        for each in (self._listener, *self.accepted):
            each.close()


@pytest.fixture
def monitor(
    sleeper: Callable[[], tuple[Any, ProcessIdentity]], short_folder: Path
) -> Iterator[Monitor]:
    made = Monitor(*sleeper(), short_folder / "attach")
    yield made
    made.end()
    made.close()


@pytest.fixture
def keeper(monitor: Monitor, short_folder: Path) -> Keeper:
    return Keeper(short_folder / "keepers", monitor.process, monitor.attach)


def running(keeper: Keeper) -> list[ProcessIdentity]:
    """The keeper's processes, by the socket that they were told of."""
    found = []
    for entry in PROC.iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and str(keeper.socket).encode() in _words(entry):
                found.append(identify(int(entry.name)))
    return [each for each in found if each is not None]


def _words(entry: Path) -> list[bytes]:
    return (entry / "cmdline").read_bytes().split(b"\0")


async def test_those_who_come_at_once_share_one_keeper(keeper: Keeper, monitor: Monitor) -> None:
    kept = await asyncio.gather(*(keeper.connection() for _ in range(6)))
    assert len(running(keeper)) == 1
    assert monitor.accept_all() == 6
    for number, theirs in enumerate(monitor.accepted):
        theirs.send(b"%d" % number)
    got = {each.connection.recv(9) for each in kept}
    assert got == {b"%d" % number for number in range(6)}
    for each in kept:
        each.close()


async def test_what_one_leaves_the_next_one_gets(keeper: Keeper, monitor: Monitor) -> None:
    for word in (b"first", b"second", b"third"):
        kept = await keeper.connection()
        assert monitor.accept_all() == 1
        monitor.accepted[0].send(word)
        await asyncio.get_running_loop().sock_recv(kept.connection, 0)
        assert kept.connection.recv(99) == word
        kept.connection.send(b"typed")
        assert monitor.accepted[0].recv(99) == b"typed"
        monitor.accepted[0].send(b"for nobody")
        kept.close()


async def test_nobody_has_to_read_what_nobody_looks_at(keeper: Keeper, monitor: Monitor) -> None:
    (await keeper.connection()).close()
    assert monitor.accept_all() == 1
    for _ in range(1000):  # far more than a socket holds
        await asyncio.to_thread(monitor.accepted[0].send, bytes(8192))


async def test_a_viewer_that_reads_nothing_is_cut_off_and_types_on(
    keeper: Keeper, monitor: Monitor
) -> None:
    suspended = await keeper.connection()
    monitor.accept_all()
    (theirs,) = monitor.accepted
    theirs.settimeout(None)  # as conmon's
    with pytest.raises(BrokenPipeError):
        while True:  # until it is full; then it waits for the viewer to be cut off
            await asyncio.to_thread(theirs.send, bytes(8192))
    theirs.settimeout(PATIENCE)
    while unread_bytes(suspended.connection):
        assert suspended.connection.recv(8192) == bytes(8192)
    assert suspended.connection.recv(8192) == b""
    assert not is_hung_up(suspended.connection)
    suspended.connection.send(b"still")
    assert theirs.recv(99) == b"still"
    suspended.close()
    (await keeper.connection()).close()
    assert monitor.accept_all() == 2, "the one that was cut off is given to nobody"
    assert not is_hung_up(theirs)


async def test_it_ends_with_conmon_and_leaves_no_files(keeper: Keeper, monitor: Monitor) -> None:
    kept = await keeper.connection()
    (process,) = running(keeper)
    monitor.end()
    assert await wait_ended(process, PATIENCE)
    assert list(keeper.socket.parent.iterdir()) == []
    kept.close()


async def test_it_ends_when_conmon_has_closed_all_connections(
    keeper: Keeper, monitor: Monitor
) -> None:
    with_viewer, without = [await keeper.connection() for _ in range(2)]
    without.close()
    (process,) = running(keeper)
    assert monitor.accept_all() == 2
    for each in monitor.accepted:
        each.close()
    assert await wait_ended(process, PATIENCE)
    with_viewer.close()


async def test_why_there_is_no_connection_is_told(keeper: Keeper, monitor: Monitor) -> None:
    monitor.attach.unlink()
    with pytest.raises(SessionStateError, match="No such file or directory"):
        await keeper.connection()
    for each in running(keeper):
        assert await wait_ended(each, PATIENCE)


async def test_a_monitor_with_another_s_pid_is_not_connected_to(
    monitor: Monitor, short_folder: Path
) -> None:
    process = monitor.process
    other = ProcessIdentity(pid=process.pid, start_time=process.start_time + 1)
    with pytest.raises(StateError, match="it ended at once"):
        await Keeper(short_folder / "keepers", other, monitor.attach).connection()
    assert monitor.accept_all() == 0


async def test_one_that_does_not_answer_is_not_waited_for_for_ever(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "_PATIENCE", 0.2)
    monkeypatch.setattr("sys.executable", "/bin/cat")
    with pytest.raises(StateError, match="no program keeps the session's input open"):
        await keeper.connection()


async def test_paths_may_be_long(
    sleeper: Callable[[], tuple[Any, ProcessIdentity]], short_folder: Path
) -> None:
    folder = short_folder / ("x" * 100) / ("y" * 100)
    folder.mkdir(parents=True)
    monitor = Monitor(*sleeper(), folder / "attach")
    try:
        kept = await Keeper(folder / "keepers", monitor.process, monitor.attach).connection()
        assert monitor.accept_all() == 1
        kept.close()
    finally:
        monitor.end()
        monitor.close()


async def test_files_of_keepers_that_were_killed_are_removed(
    keeper: Keeper, monitor: Monitor
) -> None:
    folder = keeper.socket.parent
    folder.mkdir()
    for name in ("1-1", "1-1.lock"):
        (folder / name).touch()
    (await keeper.connection()).close()
    assert {each.name for each in folder.iterdir()} == {keeper.socket.name, keeper.lock.name}
