"""Runs as the first process of a pid namespace, and gives pids away a second time there.

The kernel takes the next pid after /proc/sys/kernel/ns_last_pid, which may be written to. So a
pid that a record holds is given to a process that has nothing to do with it. Writes "ok", or
fails with a traceback. The words: engine settings as JSON, container id, folder, scenario.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from app.demo.bundle import BundlePlan
from app.demo.launch import LaunchedContainer, launch_container
from runtime.engine import Engine
from runtime.errors import ConmonError, SessionStateError
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import is_alive
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    ExecConfig,
    ExecSession,
    ExecState,
    ProcessIdentity,
)
from runtime.oci.bundle import ExecBundle

LAST_PID = Path("/proc/sys/kernel/ns_last_pid")
TRIES = 50

# Blocks every signal there is, so that those that were sent can be asked for, and has a child
# that does the same. Tells, when asked, what was sent to either.
INNOCENT = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
told, tell = os.pipe()
asked, ask = os.pipe()
child = os.fork()
if child == 0:
    os.close(ask)
    os.write(tell, b"+")
    os.read(asked, 1)
    os.write(tell, repr(sorted(map(int, signal.sigpending()))).encode())
    os._exit(0)
os.close(tell)
os.read(told, 1)
print(child, flush=True)
sys.stdin.readline()
mine = sorted(int(each) for each in signal.sigpending() if each != signal.SIGCHLD)
os.close(ask)
print(mine, os.read(told, 1000).decode(), flush=True)
os.waitpid(child, 0)
"""


def reap(process: ProcessIdentity | None) -> None:
    """Wait for one of the orphans that are ours as the first process: that frees its pid."""
    assert process is not None
    os.waitpid(process.pid, 0)


@contextmanager
def innocent(pid: int) -> Iterator[None]:
    """A process with exactly this pid, a leader of a kernel session, with a child in it.

    Both must be there in the end, and nobody may have sent them a signal.
    """
    started = _with_pid(pid)
    assert started.stdin is not None
    assert started.stdout is not None
    child = started.stdout.readline().strip()
    assert os.getsid(int(child)) == pid
    try:
        yield
        assert started.poll() is None, f"the innocent was ended: {started.returncode}"
        started.stdin.write("tell\n")
        started.stdin.flush()
        assert started.stdout.readline() == "[] []\n"
    finally:
        started.kill()
        started.communicate()


def _with_pid(pid: int) -> subprocess.Popen[str]:
    # Start times are in ticks: no host gives all its pids away within one, but we could.
    time.sleep(2 / os.sysconf("SC_CLK_TCK"))
    for _ in range(TRIES):
        LAST_PID.write_text(str(pid - 1))
        started = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", INNOCENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        if started.pid == pid:
            return started
        started.kill()
        started.communicate()
    raise AssertionError(f"pid {pid} could not be had again")


async def start(engine: Engine, info: ContainerInfo, *command: str) -> ExecSession:
    """A running session."""
    session_id = await engine.exec_create(info, ExecConfig(command=list(command)))
    await engine.exec_start(session_id)
    return await engine.find_session(session_id)


def end(*processes: ProcessIdentity | None) -> None:
    """Kill at once, and free the pids. Nobody has been told."""
    for each in processes:
        assert each is not None
        send_signal(each, signal.SIGKILL)
        reap(each)


async def leader(engine: Engine, info: ContainerInfo) -> None:
    """The first process's pid is another's before anybody looked."""
    for act in ("stop", "remove", "remove by force", "list"):
        session = await start(engine, info, "sleep", "1000")
        end(session.monitor, session.process)
        with innocent(session.pid):
            await _act(engine, act, session.id)
            if act in ("stop", "list"):
                await _stopped_for_good(engine, session.id)


async def _act(engine: Engine, act: str, session_id: str) -> None:
    if act == "stop":
        try:
            await engine.exec_stop(session_id, 0)
        except SessionStateError:
            return  # it has already ended, which is just what is true
    elif act.startswith("remove"):
        await engine.exec_remove(session_id, force="force" in act)
        assert await engine.sessions() == []


async def _stopped_for_good(engine: Engine, session_id: str) -> None:
    (line,) = await engine.sessions()
    assert (line.id, line.state, line.pid) == (session_id, ExecState.STOPPED, 0)
    assert line.exit_code is None
    assert not line.has_process
    await engine.exec_remove(session_id, force=True)


async def monitor(engine: Engine, info: ContainerInfo) -> None:
    """The monitor's pid is another's, and the session's process lives on without it."""
    for act in ("stop", "remove by force"):
        session = await start(engine, info, "sh", "-c", "trap '' HUP; sleep 1000 & wait")
        end(session.monitor)
        assert session.monitor is not None
        with innocent(session.monitor.pid):
            (line,) = await engine.sessions()
            assert (line.state, line.pid, line.orphaned) == (ExecState.STOPPED, session.pid, True)
            await _act(engine, act, session.id)
            assert not is_alive(session.process)
            if act == "stop":
                await _stopped_for_good(engine, session.id)
            assert await engine.sessions() == []
        reap(session.process)


async def survivor(engine: Engine, info: ContainerInfo) -> None:
    """A process that outlived its monitor, and was recorded so, has ended since."""
    for act in ("stop", "remove", "remove by force", "list"):
        session = await start(engine, info, "sleep", "1000")
        end(session.monitor)
        (line,) = await engine.sessions()
        assert line.orphaned
        end(session.process)
        with innocent(session.pid):
            await _act(engine, act, session.id)
            if act in ("stop", "list"):
                await _stopped_for_good(engine, session.id)


async def between(engine: Engine, info: ContainerInfo) -> None:
    """The first process was found to be alive, and its pid is another's when it is signalled."""
    session = await start(engine, info, "sleep", "1000")
    steps = engine.exec_stop_steps(session.id, 0)
    step = await anext(steps)
    assert (step.phase, [each.process for each in step.processes]) == ("kill", [session.process])
    end(session.monitor, session.process)
    with innocent(session.pid):
        assert [step.phase async for step in steps] == ["stopped"]
        await _stopped_for_good(engine, session.id)


async def notes(engine: Engine, info: ContainerInfo) -> None:
    """The pids noted in the bundle of a start that was cut short are another's by now."""
    session_id = await engine.exec_create(info, ExecConfig(command=["sleep", "1000"]))
    folder = Path(engine_settings().run_dir, "bundles", info.key, session_id)
    bundle = ExecBundle(folder, info.id)
    bundle.create()
    for file in (bundle.pid_file, bundle.monitor_pid_file):
        file.write_text("5000")
    with innocent(5000):
        # A process that is this young may yet become the session's: it is given time.
        async with asyncio.timeout(60):
            while not await engine.recover():
                await asyncio.sleep(0.1)
        assert not folder.exists()
    await engine.exec_remove(session_id)


# Notes a pid as its own and as the session's, and fails.
LIAR = """#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in -p | --conmon-pidfile) echo 5000 > "$2" ;; esac
    shift
done
exit 1
"""


async def failed(engine: Engine, info: ContainerInfo) -> None:
    """The start fails, and the pids that were noted in its course are another's by now."""
    liar = Path(engine_settings().run_dir, "liar")
    liar.write_text(LIAR)
    liar.chmod(0o700)
    session_id = await engine.exec_create(info, ExecConfig(command=["sleep", "1000"]))
    with innocent(5000):
        async with Engine(msgspec.structs.replace(engine_settings(), conmon=str(liar))) as other:
            try:
                await other.exec_start(session_id)
            except ConmonError:
                await other.exec_remove(session_id)


SCENARIOS = {each.__name__: each for each in (leader, monitor, survivor, between, notes, failed)}


def engine_settings() -> EngineSettings:
    return msgspec.json.decode(sys.argv[1], type=EngineSettings)


async def main() -> None:
    """Run one scenario in a container of this namespace."""
    settings, container_id, folder = engine_settings(), sys.argv[2], Path(sys.argv[3])
    container = _launch(settings, container_id, folder)
    try:
        async with Engine(settings) as engine:
            info = await engine.find_container(container_id)
            await SCENARIOS[sys.argv[4]](engine, info)
            assert await engine.sessions() == []
    finally:
        container.delete()
    sys.stdout.write("ok\n")


def _launch(settings: EngineSettings, container_id: str, folder: Path) -> LaunchedContainer:
    (root,) = settings.roots
    runtime = Path(root).name.removeprefix("r-")
    plan = BundlePlan(rootfs=Path(sys.argv[5]), hostname=container_id)
    return launch_container(runtime, Path(root), container_id, folder, plan)


if __name__ == "__main__":
    asyncio.run(main())
