"""What an open dashboard costs its host, and how soon it shows what happens there.

The program itself runs in tmux, on a host with 200 containers and 5,000 processes, and refreshes
as often as it does unless told otherwise. Its cost is CPU time, that of all its threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil

from app.demo.bundle import BundlePlan, write_bundle
from app.demo.launch import delete_container, run_runtime
from app.worker import REFRESH_INTERVAL
from runtime.discovery.state_files import RUNC_FILE
from runtime.kernel.inotify import FolderWatch
from runtime.kernel.process_events import ProcessEvents
from tests.bench.control_mode import ControlledTmux, Pane
from tests.bench.measuring import median, percentile, row, title
from tests.bench.places import Host, Place, dashboard_command, host
from tests.bench.scan import FIELDS, processes

COLUMNS, LINES = 150, 40
_CONTAINERS, _PROCESSES = 200, 5000
_SETTLED, _STEADY = 10.0, 20.0
_LOOKS = 5
_TICKS = os.sysconf("SC_CLK_TCK")
_RUNTIME = "runc"


async def measure(rounds: int) -> None:
    """Print the share of a core, and the times to the screen, each beside what it is to be."""
    with host() as here:
        places = [here.plain(_RUNTIME, number) for number in range(_CONTAINERS)]
        with processes(_PROCESSES):
            async with _dashboard(here, places) as (tmux, pane):
                title(
                    f"an open dashboard, {_CONTAINERS} containers, {len(psutil.pids())} processes"
                )
                await _print_cost(tmux.pid(pane))
                row("ms until on the screen", "median", "p99", "to be")
                news = _News(here, places[0], tmux, pane)
                for name, kind, limit in (
                    ("a session begins", news.session_begins, 100),
                    ("a session ends", news.session_ends, 200),
                    ("a container comes", news.container_comes, 200),
                    ("a container goes", news.container_goes, 200),
                ):
                    took = [await kind(number) for number in range(rounds)]
                    middle, last = median(took), percentile(took, 0.99)
                    row(name, f"{middle:.0f}", f"{last:.0f}", f"{limit}")


@contextlib.asynccontextmanager
async def _dashboard(here: Host, places: list[Place]) -> AsyncIterator[tuple[ControlledTmux, Pane]]:
    tmux = ControlledTmux(here.folder / "tmux", COLUMNS, LINES)
    await tmux.start()
    try:
        pane = await tmux.open(f"exec {dashboard_command(here, *places)}")
        await tmux.wait_for(pane, f"{_CONTAINERS} running")
        yield tmux, pane
    finally:
        await tmux.close()


async def _print_cost(pid: int) -> None:
    await asyncio.sleep(_SETTLED)
    with contextlib.closing(ProcessEvents()) as events:
        before, begin = _cpu_time(pid), time.monotonic()
        await asyncio.sleep(_STEADY)
        ours = (_cpu_time(pid) - before) / (time.monotonic() - begin)
        begun = events.read()
    theirs = _psutil_look() / REFRESH_INTERVAL
    row("% of one core", "exectop", "psutil", "ratio", "to be")
    row("steady state", f"{ours:.1%}", f"{theirs:.1%}", f"{theirs / ours:.1f}x", "3%")
    others = "very many" if begun is None else str(len(begun))
    row("programs begun meanwhile", others)  # each in a container is news


def _cpu_time(pid: int) -> float:
    """Seconds that all threads of a process have run (proc(5) stat, utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _psutil_look() -> float:
    """CPU seconds of a look with psutil that knows the processes from the look before."""
    took = []
    for _ in range(_LOOKS + 1):
        begin = time.process_time()
        for _ in psutil.process_iter(FIELDS):
            pass
        took.append(time.process_time() - begin)
    return statistics.median(took[1:])


class _News:
    """Lets something happen on the host, and waits until the screen says so."""

    def __init__(self, here: Host, place: Place, tmux: ControlledTmux, pane: Pane) -> None:
        self._here = here
        self._place = place
        self._tmux = tmux
        self._pane = pane

    async def session_begins(self, number: int) -> float:
        """From the first thing that a session's command does to its line."""
        word = f"7{number:05d}"
        async with self._session(word) as (_, begun):
            return await self._until(lambda text: word in text, word) - begun

    async def session_ends(self, number: int) -> float:
        """From the end of the client of a session to the screen without its line."""
        word = f"8{number:05d}"
        async with self._session(word) as (client, _):
            await self._until(lambda text: word in text, word)
            _end_input(client)
            await client.wait()
            ended = time.perf_counter()
            return await self._until(lambda text: word not in text, f"the end of {word}") - ended

    @contextlib.asynccontextmanager
    async def _session(self, word: str) -> AsyncIterator[tuple[Process, float]]:
        """A session with that word in its command, and when it began; it ends with its input."""
        command = [*self._place.bare, "sh", "-c", f": {word}; echo; read line"]
        client = await asyncio.create_subprocess_exec(*command, stdin=-1, stdout=-1)
        assert client.stdout is not None
        await client.stdout.readline()
        try:
            yield client, time.perf_counter()
        finally:
            _end_input(client)
            await client.wait()

    async def container_comes(self, number: int) -> float:
        """From the runtime's own record of a container to its line."""
        async with self._container(f"a-{number}") as (name, recorded):
            seen = await self._until(lambda text: name in text, name)
            return seen - await recorded

    async def container_goes(self, number: int) -> float:
        """From the end of the runtime's record of a container to the screen without its line."""
        async with self._container(f"b-{number}") as (name, _):
            await self._until(lambda text: name in text, name)
            deleted = _Moment(self._place.root / name, lambda folder: not folder.exists())
            await asyncio.to_thread(delete_container, _RUNTIME, self._place.root, name)
            return (
                await self._until(lambda text: name not in text, f"the end of {name}")
                - await deleted.come
            )

    @contextlib.asynccontextmanager
    async def _container(self, name: str) -> AsyncIterator[tuple[str, asyncio.Future[float]]]:
        """A container whose name is the first in the list, and when it was recorded."""
        bundle = self._here.folder / name
        write_bundle(bundle, BundlePlan(rootfs=self._here.rootfs))
        recorded = _Moment(self._place.root / name, lambda folder: (folder / RUNC_FILE).exists())
        words = ("run", "--detach", "--bundle", str(bundle), name)
        await asyncio.to_thread(
            run_runtime, _RUNTIME, self._place.root, *words, errors=bundle / "log"
        )
        try:
            yield name, recorded.come
        finally:
            await asyncio.to_thread(delete_container, _RUNTIME, self._place.root, name)

    async def _until(self, is_right: Callable[[str], bool], what: str) -> float:
        return await self._tmux.wait_shown(self._pane, is_right, what)


def _end_input(client: Process) -> None:
    assert client.stdin is not None
    client.stdin.close()


class _Moment:
    """When something became true of a folder."""

    def __init__(self, folder: Path, is_true: Callable[[Path], bool]) -> None:
        self.come: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._folder = folder
        self._is_true = is_true
        self._watch = FolderWatch(self._look)
        self._look()

    def _look(self) -> None:
        self._watch.watch([self._folder])
        if self._is_true(self._folder):
            self.come.set_result(time.perf_counter())
            self._watch.close()
