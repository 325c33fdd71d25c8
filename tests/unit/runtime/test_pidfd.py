"""Signalling and awaiting exactly the process that was meant."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.errors import AccessDeniedError
from runtime.kernel.pidfd import open_pidfd, send_signal, wait_ended, wait_readable
from runtime.kernel.proc import identify, read_stat
from runtime.model import ProcessIdentity

Process = tuple[subprocess.Popen[str], ProcessIdentity]
StartProcess = Callable[[], Process]


@pytest.fixture
def thread() -> Iterator[int]:
    """The kernel's number of a thread of ours, which is no process."""
    numbers: list[int] = []
    started, finish = threading.Event(), threading.Event()

    def run() -> None:
        numbers.append(threading.get_native_id())
        started.set()
        finish.wait()

    worker = threading.Thread(target=run)
    worker.start()
    started.wait()
    yield numbers[0]
    finish.set()
    worker.join()


def test_the_signal_arrives(sleeper: StartProcess) -> None:
    child, identity = sleeper()
    assert send_signal(identity, signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM


@pytest.mark.parametrize("later", [1, -1, 1000])
def test_another_start_time_is_never_signalled(sleeper: StartProcess, later: int) -> None:
    child, identity = sleeper()
    other = ProcessIdentity(pid=identity.pid, start_time=identity.start_time + later)
    assert not send_signal(other, signal.SIGKILL)
    send_signal(identity, signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM  # and not -SIGKILL


@pytest.mark.parametrize("pid", [0, -1, -2])
def test_groups_and_everybody_are_never_signalled(pid: int) -> None:
    for start_time in (0, 1):
        identity = ProcessIdentity(pid=pid, start_time=start_time)
        assert open_pidfd(identity) is None
        assert not send_signal(identity, signal.SIGCONT)


def test_one_that_ended_is_not_signalled(ended: ProcessIdentity) -> None:
    assert not send_signal(ended, signal.SIGKILL)


def test_a_pid_that_is_a_thread_s_now_is_another_process(thread: int) -> None:
    stat = read_stat(thread)
    assert stat is not None
    assert open_pidfd(stat.identity) is None
    assert not send_signal(stat.identity, signal.SIGCONT)


def test_what_may_not_be_signalled_says_so(unprivileged: Path) -> None:
    init = identify(1)
    assert init is not None
    # Not SIGCONT, which the kernel lets everybody send within a session; ignored where allowed.
    with pytest.raises(AccessDeniedError) as caught:
        send_signal(init, signal.SIGURG)
    assert "SIGURG" in caught.value.message
    assert caught.value.hint


async def test_one_that_ended_is_not_waited_for(ended: ProcessIdentity) -> None:
    assert await wait_ended(ended)
    assert await wait_ended(None)


@pytest.mark.parametrize("timeout", [10, 0, -1])
async def test_a_zombie_has_ended(zombie: Process, timeout: float) -> None:
    assert await wait_ended(zombie[1], timeout)


@pytest.mark.parametrize("timeout", [0, -1])
async def test_no_time_is_enough_for_a_look(sleeper: StartProcess, timeout: float) -> None:
    _, identity = sleeper()
    assert not await wait_ended(identity, timeout)


async def test_a_live_one_is_waited_for_until_the_timeout(sleeper: StartProcess) -> None:
    _, identity = sleeper()
    loop = asyncio.get_running_loop()
    start = loop.time()
    assert not await wait_ended(identity, 0.05)
    assert loop.time() - start >= 0.05


async def test_the_end_wakes_the_waiting(
    sleeper: StartProcess, kill_hard: Callable[[subprocess.Popen[str]], None]
) -> None:
    child, identity = sleeper()
    waiting = asyncio.create_task(wait_ended(identity, 10))
    await asyncio.sleep(0)
    assert not waiting.done()
    child.kill()
    assert await waiting


async def test_another_process_with_that_pid_is_not_waited_for(sleeper: StartProcess) -> None:
    _, identity = sleeper()
    other = ProcessIdentity(pid=identity.pid, start_time=identity.start_time + 1)
    assert await asyncio.wait_for(wait_ended(other), 10)


async def test_no_descriptor_is_left(
    sleeper: StartProcess, ended: ProcessIdentity, descriptors: Callable[[], int]
) -> None:
    _, identity = sleeper()
    before = descriptors()
    other = ProcessIdentity(pid=identity.pid, start_time=identity.start_time + 1)
    send_signal(other, signal.SIGCONT)
    send_signal(identity, signal.SIGCONT)
    send_signal(ended, signal.SIGCONT)
    await wait_ended(identity, 0.01)
    waiting = asyncio.create_task(wait_ended(identity))
    await asyncio.sleep(0)
    assert descriptors() == before + 1
    waiting.cancel()
    await asyncio.wait([waiting])
    assert descriptors() == before


async def test_a_descriptor_is_no_longer_watched_after_the_wait() -> None:
    # The loop would go on looking at whatever gets the number next.
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not await wait_readable(ours.fileno(), 0.01)
        assert not loop.remove_reader(ours.fileno())
        waiting = asyncio.create_task(wait_readable(ours.fileno()))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert not loop.remove_reader(ours.fileno())
        theirs.send(b"x")
        assert await wait_readable(ours.fileno(), 10)
        assert not loop.remove_reader(ours.fileno())
