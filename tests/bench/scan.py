"""What looking through the host costs: all processes, 200 containers, beside psutil.

CPU time, not wall time, since that is what a dashboard takes from its host.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

import psutil

from runtime.discovery.containers import ContainerFinder
from runtime.discovery.sessions import SessionFinder
from runtime.kernel.proc_folder import ProcFolder
from tests.bench.measuring import median, row, title
from tests.bench.places import Host, Place, host

_COUNTS = (500, 2000, 5000)
_CONTAINERS = 200
_YOUTH = 4.0
FIELDS = ["pid", "ppid", "name", "uids", "create_time"]


async def measure(rounds: int) -> None:
    """Print CPU milliseconds of a full look, an incremental one, and psutil's."""
    with host() as here:
        places = [here.plain("runc", number) for number in range(_CONTAINERS)]
        title(f"looking through the host, {_CONTAINERS} containers: median CPU ms")
        row("processes", "psutil", "full look", "next look", "psutil / full")
        for count in _COUNTS:
            with processes(count):
                _measure(here, places, rounds)


def _measure(here: Host, places: list[Place], rounds: int) -> None:
    roots = sorted({str(place.root) for place in places})
    plain = [_cpu(_psutil) for _ in range(rounds)]
    full = [_cpu(lambda: _Look(roots).close()) for _ in range(rounds)]
    look = _Look(roots)
    time.sleep(_YOUTH)  # a young process is looked at again in each look
    look.again()
    following = [_cpu(look.again) for _ in range(rounds)]
    look.close()
    here_now = str(len(psutil.pids()))
    ratio = f"{median(plain) / median(full):.1f}x"
    row(here_now, *(f"{median(each):.1f}" for each in (plain, full, following)), ratio)


class _Look:
    """Everything that one overview finds: containers, and sessions of every origin."""

    def __init__(self, roots: list[str]) -> None:
        self._proc = ProcFolder()
        self._containers = ContainerFinder(roots)
        self._sessions = SessionFinder(self._proc)
        self.again()

    def again(self) -> None:
        """Look again, with what is known."""
        self._sessions.look()
        self._sessions.find(self._containers.find()[0])

    def close(self) -> None:
        """Close what is open."""
        self._containers.close()
        self._proc.close()


def _psutil() -> None:
    # The cache of process objects is psutil's own way of being incremental: without it here.
    psutil.process_iter.cache_clear()
    for _ in psutil.process_iter(FIELDS):
        pass


def _cpu(work: Callable[[], None]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


@contextlib.contextmanager
def processes(count: int) -> Iterator[None]:
    """So many processes more, until the end."""
    reading, writing = os.pipe()
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)  # until the other end is closed, however that comes about
            os._exit(0)
        children.append(child)
    os.close(reading)
    try:
        yield
    finally:
        os.close(writing)
        for child in children:
            os.waitpid(child, 0)
