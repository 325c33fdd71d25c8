"""Knowing at once when one of many processes ends."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable

import pytest

from runtime.kernel.process_watch import ProcessWatch
from runtime.model import ProcessIdentity

Process = tuple[subprocess.Popen[str], ProcessIdentity]
StartProcess = Callable[[], Process]
LONG = 20.0


@pytest.fixture
async def watch(descriptors: Callable[[], int]) -> AsyncIterator[ProcessWatch]:
    """A watch that must let go of everything in the end."""
    before = descriptors()
    made = ProcessWatch()
    yield made
    made.close()
    assert descriptors() == before


async def seconds(watch: ProcessWatch, timeout: float) -> float:
    loop = asyncio.get_running_loop()
    start = loop.time()
    await watch.wait_ended(timeout)
    return loop.time() - start


async def test_an_end_wakes_it(watch: ProcessWatch, sleeper: StartProcess) -> None:
    (_, first), (second_child, second) = sleeper(), sleeper()
    watch.watch([first, second])
    waiting = asyncio.create_task(seconds(watch, LONG))
    await asyncio.sleep(0)
    second_child.kill()
    assert await waiting < LONG / 2


async def test_an_end_between_two_waits_is_not_missed(
    watch: ProcessWatch, sleeper: StartProcess
) -> None:
    child, identity = sleeper()
    watch.watch([identity])
    child.kill()
    child.wait()
    assert await seconds(watch, LONG) < LONG / 2


async def test_one_end_is_told_once(watch: ProcessWatch, sleeper: StartProcess) -> None:
    child, identity = sleeper()
    _, other = sleeper()
    watch.watch([identity, other])
    child.kill()
    assert await seconds(watch, LONG) < LONG / 2
    watch.watch([identity, other])
    assert await seconds(watch, 0.03) >= 0.03


async def test_nothing_ends(watch: ProcessWatch, sleeper: StartProcess) -> None:
    _, identity = sleeper()
    watch.watch([identity])
    assert await seconds(watch, 0.03) >= 0.03


async def test_what_is_no_longer_watched_wakes_nobody(
    watch: ProcessWatch, sleeper: StartProcess, descriptors: Callable[[], int]
) -> None:
    child, identity = sleeper()
    _, other = sleeper()
    before = descriptors()
    watch.watch([identity, other])
    assert descriptors() == before + 2
    watch.watch([other])
    assert descriptors() == before + 1
    child.kill()
    child.wait()
    assert await seconds(watch, 0.03) >= 0.03


async def test_the_same_set_again_opens_nothing(
    watch: ProcessWatch, sleeper: StartProcess, descriptors: Callable[[], int]
) -> None:
    _, identity = sleeper()
    watch.watch([identity])
    before = descriptors()
    watch.watch([identity, identity])
    assert descriptors() == before


async def test_those_that_have_ended_are_passed_over(
    watch: ProcessWatch, ended: ProcessIdentity, descriptors: Callable[[], int]
) -> None:
    before = descriptors()
    watch.watch([ended])
    assert descriptors() == before
    assert await seconds(watch, 0.03) >= 0.03


async def test_closing_with_an_end_untold(watch: ProcessWatch, zombie: Process) -> None:
    watch.watch([zombie[1]])
    watch.close()
    assert await seconds(watch, 0.03) >= 0.03
