"""conmon's socket from the viewer's side: bell, pace, and coming back after having been cut off."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from runtime.oci.bundle import ExecBundle
from runtime.sessions import doorbell, pace
from runtime.sessions.doorbell import Doorbell
from runtime.sessions.viewers import connection_of, registered, viewers_of
from tests.unit.runtime.monitor_side import PACKET, Monitor


@pytest.fixture
def monitor(bundle: ExecBundle) -> Monitor:
    return Monitor(bundle)


@pytest.fixture
async def bell(bundle: ExecBundle, monitor: Monitor) -> AsyncIterator[Doorbell]:
    with registered(bundle) as registration:
        made = Doorbell(bundle, monitor.connection, registration)
        yield made
        await made.close()
    monitor.close()


async def rings(bell: Doorbell) -> None:
    async with asyncio.timeout(20):
        await bell.wait()
    bell.clear()


async def send_until_full(monitor: Monitor) -> int:
    """Send until nobody makes room any more; gives the number of bytes of output."""
    sent, idle = 0, 0
    while idle < 100:
        count = monitor.send_all()
        sent, idle = sent + count * 8192, 0 if count else idle + 1
        await asyncio.sleep(0)
    return sent


async def test_it_rings_for_each_packet_and_at_the_end(bell: Doorbell, monitor: Monitor) -> None:
    monitor.peer.send(b"\2one")
    await rings(bell)
    assert bell.unlogged.sent == 3
    monitor.peer.send(b"\3two")
    await rings(bell)
    assert (bell.unlogged.sent, bell.ended) == (6, False)
    monitor.end()
    await rings(bell)
    assert bell.ended
    assert not bell.was_cut_off


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A function that sets how long a viewer may take nothing."""

    def wait(seconds: float) -> None:
        for module in (doorbell, pace):
            monkeypatch.setattr(module, "PATIENCE", seconds)

    return wait


async def test_the_session_waits_for_a_viewer_that_is_behind_until_it_moves(
    patience: Callable[[float], None], bell: Doorbell, monitor: Monitor
) -> None:
    patience(3600)
    sent = await send_until_full(monitor)
    assert 256 * 1024 < sent < 1024 * 1024
    assert await send_until_full(monitor) == 0

    bell.unlogged.saw(200 * 1024)
    bell.moved()
    assert 0 < await send_until_full(monitor) <= 300 * 1024


async def test_the_session_waits_no_more_for_one_that_takes_nothing(
    patience: Callable[[float], None], bell: Doorbell, monitor: Monitor
) -> None:
    patience(0.01)
    await send_until_full(monitor)
    async with asyncio.timeout(20):
        while not monitor.send_all():
            await asyncio.sleep(0.01)
    # Left behind: from now on nothing waits for it any more, not even for a moment.
    patience(3600)
    await _makes_room(monitor)
    assert all([await _makes_room(monitor) for _ in range(20)])

    bell.moved()
    await send_until_full(monitor)
    assert await send_until_full(monitor) == 0  # it moves: so it sets the pace again


async def _makes_room(monitor: Monitor) -> bool:
    sent = monitor.send_all() > 0
    for _ in range(100):
        await asyncio.sleep(0)
    return sent


async def test_one_that_was_cut_off_connects_anew(
    bell: Doorbell, monitor: Monitor, bundle: ExecBundle
) -> None:
    monitor.peer.send(b"\2one")
    await rings(bell)
    before = connection_of(viewers_of(bundle)[0])
    monitor.connection.shutdown(socket.SHUT_RD)
    old = monitor.peer.dup()
    async with asyncio.timeout(20):
        await monitor.accept()
    monitor.peer.send(b"\2three")
    await rings(bell)

    assert (bell.was_cut_off, bell.ended) == (True, False)
    assert bell.unlogged.sent == 8
    assert connection_of(viewers_of(bundle)[0]) != before  # others can cut it off again
    monitor.connection.send(b"typed")  # input goes on where it went
    old.setblocking(True)
    assert old.recv(100) == b"typed"
    old.close()
    monitor.end()
    await rings(bell)
    assert bell.ended


async def test_one_that_was_cut_off_and_finds_no_monitor_is_at_the_end(
    bell: Doorbell, monitor: Monitor, bundle: ExecBundle
) -> None:
    bundle.attach_socket.unlink()
    monitor.connection.shutdown(socket.SHUT_RD)
    await rings(bell)
    assert bell.ended


async def test_until_conmon_has_sent_something_the_log_rings(
    bell: Doorbell, monitor: Monitor, bundle: ExecBundle, descriptors: Callable[[], int]
) -> None:
    """What is logged before conmon takes up the connection is sent to the others only."""
    bundle.kept_output.write_bytes(b"logged")
    await rings(bell)
    before = descriptors()
    monitor.peer.send(PACKET)
    await rings(bell)
    assert descriptors() < before  # from now on the socket tells of everything


async def test_a_bundle_that_is_gone_is_not_watched(
    bundle: ExecBundle, monitor: Monitor, descriptors: Callable[[], int]
) -> None:
    before = descriptors()
    with registered(bundle) as registration:
        shutil.rmtree(bundle.folder)
        bell = Doorbell(bundle, monitor.connection, registration)
        monitor.peer.send(PACKET)
        await rings(bell)
        await bell.close()
    assert descriptors() <= before
    monitor.close()
