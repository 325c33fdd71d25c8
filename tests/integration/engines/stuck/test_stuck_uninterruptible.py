"""A session in uninterruptible sleep (state D): told, and left alone.

Whoever calls vfork(2) is in that state until the child runs another program or ends. This child is
to open a FIFO first (posix_spawn(3) uses vfork), and waits until somebody writes there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from runtime.engine import Engine
from runtime.kernel.proc import is_alive, read_stat
from runtime.model import ProcessIdentity
from tests.engines.podman import Podman
from tests.integration.engines.sessions.entering import Clients, eventually
from tests.integration.engines.stuck.conftest import Prune
from tests.integration.engines.stuck.test_stuck_docker import reasons

_PROGRAM = """
import os, signal, sys
opened = [(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)]
os.waitpid(os.posix_spawn("/bin/true", ["true"], {}, file_actions=opened), 0)
signal.pause()
"""


async def test_one_in_uninterruptible_sleep_is_left_to_wait(
    engine: Engine,
    podman: Podman,
    pod: tuple[str, str],
    clients: Clients,
    prune: Prune,
    short_folder: Path,
) -> None:
    name, container = pod
    fifo = short_folder / "fifo"
    os.mkfifo(fifo)
    init = podman.do("inspect", "--format", "{{.State.Pid}}", name)
    clients.start("nsenter", "-t", init, "-p", sys.executable, "-c", _PROGRAM, str(fifo))
    try:
        found = await eventually(
            engine, [container], lambda now: str(fifo) in now and bool(now[str(fifo)].stuck)
        )
        assert reasons(found) == {str(fifo): [("uninterruptible", "likely")]}
        session = found[str(fifo)]
        assert [each.remedy.value for each in session.stuck] == ["wait"]
        (said,) = prune(name)
        assert (said["id"], said["done"]) == (session.id, [])
        assert "uninterruptible sleep" in said["refused"]
        process = ProcessIdentity(pid=session.pid, start_time=session.start_time)
        assert is_alive(process)
        stat = read_stat(process.pid)
        assert stat is not None
        assert stat.state == "D"
    finally:
        os.close(os.open(fifo, os.O_RDWR))  # the child goes on, and runs its program
    found = await eventually(engine, [container], lambda now: not now[str(fifo)].stuck)
    assert found[str(fifo)].pid == process.pid
    assert prune(name) == []
