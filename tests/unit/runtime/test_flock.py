"""Locks between processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.errors import LockTimeoutError, StateError
from runtime.kernel.flock import locked, try_lock

Child = subprocess.Popen[str]
HOLD = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.readline()
"""
TRY = """
import fcntl, sys
file = open(sys.argv[1], "a")
try:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("free")
except BlockingIOError:
    print("locked")
"""

HOLD_PART = """
import asyncio, sys, pathlib
sys.path += sys.argv[2:]
from runtime.kernel.flock import locked
async def hold():
    async with locked(pathlib.Path(sys.argv[1]), timeout=5, what="it", part=7):
        print("held", flush=True)
        sys.stdin.readline()
asyncio.run(hold())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def holder(path: Path, start_child: Callable[..., Child]) -> Child:
    """Another process that holds the lock until a line is sent to it."""
    child = start_child(HOLD, str(path))
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


async def take(path: Path, timeout: float) -> str:
    async with locked(path, timeout=timeout, what="container box"):
        return "taken"


async def test_another_process_is_kept_out_while_we_hold_it(
    path: Path, start_child: Callable[..., Child]
) -> None:
    async with locked(path, timeout=1, what="x"):
        assert start_child(TRY, str(path)).communicate()[0] == "locked\n"
    assert start_child(TRY, str(path)).communicate()[0] == "free\n"


async def test_it_is_free_after_an_error(path: Path) -> None:
    with pytest.raises(KeyError):
        async with locked(path, timeout=1, what="x"):
            raise KeyError
    assert await take(path, 0) == "taken"


async def test_a_timeout_names_the_holder_and_what_is_locked(path: Path, holder: Child) -> None:
    with pytest.raises(LockTimeoutError) as caught:
        await take(path, 0.03)
    named = f"container box is locked by process {holder.pid} ({sys.executable} -I -S -c"
    assert caught.value.message.startswith(named)
    assert "which is" not in caught.value.message  # it waits, as most programs do
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert caught.value.http_status == 503


async def test_a_holder_that_is_suspended_is_said_to_be(path: Path, holder: Child) -> None:
    holder.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, holder.pid, os.WSTOPPED)
    with pytest.raises(LockTimeoutError) as caught:
        await take(path, 0)
    assert caught.value.message.endswith(", which is stopped)")
    assert "suspended" in caught.value.hint
    holder.send_signal(signal.SIGCONT)
    holder.communicate("\n")
    assert await take(path, 5) == "taken"


async def test_a_holder_that_is_killed_frees_it(
    path: Path, holder: Child, kill_hard: Callable[[Child], None]
) -> None:
    waiting = asyncio.create_task(take(path, 10))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    kill_hard(holder)
    assert await waiting == "taken"


async def test_it_is_handed_on(path: Path, holder: Child) -> None:
    waiting = asyncio.create_task(take(path, 10))
    await asyncio.sleep(0)
    assert holder.stdin is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert await waiting == "taken"


async def test_two_tasks_of_one_process_exclude_each_other(path: Path) -> None:
    inside: list[int] = []

    async def work(number: int) -> None:
        async with locked(path, timeout=10, what="x"):
            inside.append(number)
            assert inside == [number]
            await asyncio.sleep(0.002)
            inside.remove(number)

    await asyncio.gather(*(work(number) for number in range(5)))


async def test_waiting_may_be_cancelled(
    path: Path, holder: Child, descriptors: Callable[[], int]
) -> None:
    before = descriptors()
    waiting = asyncio.create_task(take(path, 60))
    await asyncio.sleep(0.005)
    assert descriptors() == before + 1
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert descriptors() == before
    holder.communicate("\n")
    assert await take(path, 0) == "taken"


async def test_holding_may_be_cancelled(path: Path) -> None:
    async def hold() -> None:
        async with locked(path, timeout=1, what="x"):
            await asyncio.sleep(60)

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    with pytest.raises(LockTimeoutError) as caught:
        await take(path, 0)
    assert f"process {os.getpid()}" in caught.value.message
    holding.cancel()
    await asyncio.wait([holding])
    assert await take(path, 0) == "taken"


async def test_the_file_is_private_and_stays(path: Path, mode_of: Callable[[Path], int]) -> None:
    await take(path, 1)
    assert mode_of(path) == 0o600


async def test_no_folder_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught:
        await take(tmp_path / "nowhere" / "lock", 1)
    assert "No such file or directory" in caught.value.message
    assert caught.value.hint


async def test_a_program_that_is_started_does_not_inherit_it(
    path: Path, start_child: Callable[..., Child]
) -> None:
    async with locked(path, timeout=1, what="x"):
        child = start_child("import sys; sys.stdin.read()", close_fds=False)
    assert child.poll() is None
    # It closes its copy as it starts; what it kept would keep us out for as long as it lives.
    assert await take(path, 5) == "taken"


def test_shared_locks_go_together_and_keep_an_exclusive_one_out(path: Path) -> None:
    opened = [os.open(path, os.O_RDWR | os.O_CREAT) for _ in range(3)]
    assert try_lock(opened[0], shared=True)
    assert try_lock(opened[1], shared=True)
    assert not try_lock(opened[2])
    os.close(opened[0])
    os.close(opened[1])
    assert try_lock(opened[2])
    os.close(opened[2])


async def test_parts_exclude_each_other_only_where_they_are_the_same(path: Path) -> None:
    async with locked(path, timeout=1, what="session 1", part=1):
        async with locked(path, timeout=0, what="session 2", part=2):
            pass
        with pytest.raises(LockTimeoutError) as caught:
            async with locked(path, timeout=0, what="session 1", part=1):
                pass
    assert f"session 1 is locked by process {os.getpid()} (" in caught.value.message
    async with locked(path, timeout=0, what="session 1", part=1):
        pass


async def test_the_whole_and_its_parts_exclude_each_other(path: Path, holder: Child) -> None:
    with pytest.raises(LockTimeoutError) as caught:
        async with locked(path, timeout=0, what="session 1", part=2**62):
            pass
    assert f"session 1 is locked by process {holder.pid} (" in caught.value.message
    holder.communicate("\n")
    async with locked(path, timeout=0, what="session 1", part=2**62):
        with pytest.raises(LockTimeoutError):
            await take(path, 0)
    assert await take(path, 0) == "taken"


async def test_a_part_held_by_another_process_is_handed_on(
    path: Path, start_child: Callable[..., Child], kill_hard: Callable[[Child], None]
) -> None:
    child = start_child(HOLD_PART, str(path), *sys.path, os.getcwd())
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with pytest.raises(LockTimeoutError) as caught:
        async with locked(path, timeout=0.01, what="session 7", part=7):
            pass
    assert f"session 7 is locked by process {child.pid} (" in caught.value.message
    kill_hard(child)
    async with locked(path, timeout=5, what="session 7", part=7):
        pass
