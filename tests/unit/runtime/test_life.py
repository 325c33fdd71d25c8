"""Which of many processes live."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.kernel import life
from runtime.kernel.life import LifeWatch
from runtime.kernel.proc import identify
from runtime.model import ProcessIdentity

Process = tuple[Any, ProcessIdentity]
StartProcess = Callable[[], Process]


@pytest.fixture(params=["with room", "without room"])
def watch(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    descriptors: Callable[[], int],
) -> Iterator[LifeWatch]:
    """A watch that must let go of everything in the end; it works without descriptors, too."""
    if request.param == "without room":
        monkeypatch.setattr(resource, "getrlimit", lambda _: (life._SHARE - 1, 0))
    before = descriptors()
    made = LifeWatch()
    yield made
    made.close()
    assert descriptors() == before


def us() -> ProcessIdentity:
    found = identify(os.getpid())
    assert found is not None
    return found


def test_living_ended_and_never_there(
    watch: LifeWatch, sleeper: StartProcess, zombie: Process, ended: ProcessIdentity
) -> None:
    _, sleeping = sleeper()
    reused = ProcessIdentity(pid=os.getpid(), start_time=us().start_time + 1)
    nobody = ProcessIdentity(pid=0, start_time=0)
    everybody = [us(), sleeping, zombie[1], ended, reused, nobody]
    assert watch.living(everybody) == {us(), sleeping}
    assert watch.living(everybody) == {us(), sleeping}


async def test_an_end_is_noticed(
    watch: LifeWatch, sleeper: StartProcess, kill_hard: Callable[[Any], None]
) -> None:
    (_, staying), (child, going) = sleeper(), sleeper()
    assert watch.living([staying, going]) == {staying, going}
    kill_hard(child)
    assert watch.living([staying, going]) == {staying}
    assert watch.living([going]) == set()
    assert watch.living([staying]) == {staying}


def test_descriptors_are_kept_for_the_wanted_only(
    sleeper: StartProcess, descriptors: Callable[[], int]
) -> None:
    watch = LifeWatch()
    first, second = sleeper()[1], sleeper()[1]
    before = descriptors()
    watch.living([first, second])
    watch.living([first, second])
    assert descriptors() == before + 2
    watch.living([second])
    assert descriptors() == before + 1
    watch.close()
    assert descriptors() == before
