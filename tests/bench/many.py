"""Many sessions at once in one container: how fast they start, what each holds, how they end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from runtime.engine import Engine
from runtime.model import ExecConfig, ExecState
from tests.bench.measuring import median, row, title
from tests.bench.memory import held_by
from tests.bench.peers import MeasurementFailedError
from tests.bench.places import Host, Place, host, open_engine
from tests.bench.rest import Rest

_COMMAND = ["sleep", "100000"]
_IN_FLIGHT = 4
_LISTS = 5

Start = Callable[[], Awaitable[str]]


async def measure(count: int) -> None:
    """Print starts per second and memory per session, for us and for both engines."""
    with host() as here:
        title(f"{count} sessions `sleep` in one container, {_IN_FLIGHT} starts in flight")
        row("", "starts/s", "one by one", "PSS KiB each", "all told ms", "exit codes")
        for place in (here.of_podman("runc"), here.of_docker(), here.of_podman("crun")):
            await _ours(here, place, count)
            await _peer(here, place, count)


async def _ours(here: Host, place: Place, count: int) -> None:
    async with open_engine(here, place) as engine:
        container = await engine.find_container(place.id)
        names = ("conmon", "python")
        before = held_by(*names)

        async def start() -> str:
            session = await engine.exec_create(container, ExecConfig(command=_COMMAND))
            await engine.exec_start(session)
            return session

        slow, first = await _started(start, max(count // 10, 5), in_flight=1)
        rate, sessions = await _started(start, count)
        sessions += first
        held = (held_by(*names) - before) / len(sessions)
        listing = await _listed(engine, sessions)
        codes = await _end_together(engine, sessions)
        row(
            f"exectop ({place})",
            f"{rate:.1f}",
            f"{slow:.1f}",
            f"{held:.0f}",
            f"{listing:.0f}",
            codes,
        )
        await engine.exec_remove_all(container)


async def _listed(engine: Engine, expected: list[str]) -> float:
    """The milliseconds of a list, the median of some: it tells what an engine's inspect does."""
    times = []
    for _ in range(_LISTS):
        begin = time.perf_counter()
        told = {each.id: each for each in await engine.sessions()}
        times.append(time.perf_counter() - begin)
        for each in expected:
            line = told[each]
            if not (line.state is ExecState.RUNNING and line.pid and line.command == _COMMAND):
                raise MeasurementFailedError(f"session {each} is not told of as it is")
    return median(times)


async def _end_together(engine: Engine, sessions: list[str]) -> str:
    """Kill all the processes at once; how many of the exit codes are known after."""
    await asyncio.gather(*(engine.exec_stop(each, 0) for each in sessions))
    ended = [each for each in await engine.sessions() if each.state is ExecState.STOPPED]
    seen = sum(each.exit_code == 137 for each in ended)
    return f"{seen}/{len(sessions)}"


async def _peer(here: Host, place: Place, count: int) -> None:
    podman = place.made_by == "podman"
    rest = Rest(here.podman.serve() if podman else here.docker.socket)
    names = ("conmon", "podman") if podman else ("dockerd", "containerd")
    before = held_by(*names)
    loop = asyncio.get_running_loop()

    async def start() -> str:
        return await loop.run_in_executor(None, rest.start_detached, place.name, _COMMAND)

    slow, first = await _started(start, max(count // 10, 5), in_flight=1)
    rate, sessions = await _started(start, count)
    sessions += first
    held = (held_by(*names) - before) / len(sessions)
    listing = await loop.run_in_executor(None, _inspected, rest, place)
    row(
        f"{place.made_by} REST ({place.runtime})",
        f"{rate:.1f}",
        f"{slow:.1f}",
        f"{held:.0f}",
        f"{listing:.0f}",
    )
    for each in sessions:
        rest.kill(each)


def _inspected(rest: Rest, place: Place) -> float:
    """The same from an engine: the ids of the container's sessions, and then each of them."""
    times = []
    for _ in range(_LISTS):
        begin = time.perf_counter()
        for each in rest.sessions_of(place.name):
            rest.inspect(each)
        times.append(time.perf_counter() - begin)
    return median(times)


async def _started(
    start: Start, count: int, *, in_flight: int = _IN_FLIGHT
) -> tuple[float, list[str]]:
    gate = asyncio.Semaphore(in_flight)

    async def gated() -> str:
        async with gate:
            return await start()

    begin = time.perf_counter()
    sessions = await asyncio.gather(*(gated() for _ in range(count)))
    return count / (time.perf_counter() - begin), sessions
