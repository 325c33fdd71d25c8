"""Sessions that were begun with runc, crun and nsenter alone, and the container's own processes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from app.demo.bundle import DEFAULT_CAPABILITIES
from app.demo.launch import LaunchedContainer
from runtime.engine import Engine
from runtime.kernel.proc import identify, is_alive
from runtime.model import Certainty
from tests.conftest import RUNTIMES
from tests.integration.engines.sessions.entering import (
    Clients,
    origins,
    running,
    sessions_in,
    sleeper,
    unique,
)

CERTAIN, LIKELY = Certainty.CERTAIN, Certainty.LIKELY


def exec_words(container: LaunchedContainer, *options: str) -> list[str]:
    program = [container.program, "--root", str(container.root)]
    return [*program, "exec", *options, container.id]


def detach(container: LaunchedContainer, *command: str) -> None:
    """Begin a session that nobody watches over."""
    words = [*exec_words(container, "-d"), *command]
    null = subprocess.DEVNULL
    subprocess.run(words, stdin=null, stdout=null, stderr=null, check=True, timeout=60)


def nsenter(container: LaunchedContainer, *options: str) -> list[str]:
    return ["nsenter", "-t", str(container.pid), *options]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_runtime_s_own(sight: Engine, launch: Any, clients: Clients, runtime: str) -> None:
    container = await launch(runtime)
    terminal, attached, detached = (unique() for _ in range(3))
    clients.start_in_terminal(*exec_words(container, "-t"), "sleep", terminal)
    client = clients.start(*exec_words(container), "sleep", attached)
    detach(container, "sleep", detached)
    for each in (terminal, attached, detached):
        await running(each)

    found = await sessions_in(sight, [container.id])
    assert origins(found) == {
        terminal: (runtime, CERTAIN),
        attached: (runtime, CERTAIN),
        # Its parent is gone: that it is in the container's cgroup is all that tells.
        detached: (runtime, LIKELY),
    }
    assert {each for each in found if found[each].tty} == {terminal}
    assert found[attached].client.process == identify(client.pid)
    assert found[attached].client.command[0].endswith(runtime)
    assert {each for each in found if found[each].attached} == {terminal, attached}
    assert all(each.monitor_alive for each in found.values())


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_nsenter_s(sight: Engine, launch: Any, clients: Clients, runtime: str) -> None:
    container = await launch(runtime)
    whole, pids, mounts = (unique() for _ in range(3))
    clients.start(*nsenter(container, "-a"), "sleep", whole)
    clients.start(*nsenter(container, "-p"), "sleep", pids)
    # Without -p it does not fork: it becomes the program itself, in our own pid namespace.
    direct = clients.start(*nsenter(container, "-m"), "sleep", mounts)
    for each in (whole, pids, mounts):
        await running(each)

    found = await sessions_in(sight, [container.id])
    assert origins(found) == {
        whole: ("nsenter", CERTAIN),
        pids: ("nsenter", CERTAIN),
        mounts: ("nsenter", LIKELY),
    }
    assert found[mounts].pid == direct.pid
    await sight.exec_stop(found[whole].id, 20)
    assert sleeper(whole) is None
    assert set(await sessions_in(sight, [container.id])) == {pids, mounts}


@pytest.mark.parametrize("options", [("-a",), ("-a", "--no-fork"), ("-m",)])
async def test_what_an_nsenter_begins_is_one_session(
    sight: Engine, launch: Any, clients: Clients, options: tuple[str, ...]
) -> None:
    container = await launch("runc")
    children, last = [unique(), unique()], unique()
    script = f"sleep {children[0]} & setsid sleep {children[1]} & sleep {last}; : {last}"
    clients.start(*nsenter(container, *options), "sh", "-c", script)
    for each in (*children, last):
        await running(each)

    (session,) = (await sessions_in(sight, [container.id])).values()
    assert (session.origin, session.command) == ("nsenter", ["sh", "-c", script])
    processes = {await running(each) for each in (*children, last)}
    assert processes < {each.process for each in session.tree}
    await sight.exec_stop(session.id, 20)
    assert not any(is_alive(each) for each in processes)


async def test_a_process_that_enters_long_after_it_began(
    sight: Engine, launch: Any, clients: Clients
) -> None:
    container = await launch("runc")
    late, other = unique(), unique()
    code = (
        "import ctypes, os, sys; print(flush=True); sys.stdin.readline();"
        f"there = os.open('/proc/{container.pid}/ns/mnt', os.O_RDONLY);"
        "assert ctypes.CDLL(None).setns(there, 0) == 0;"
        f"os.execv('/bin/sleep', ['sleep', '{late}'])"
    )
    process = clients.start(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    assert await sessions_in(sight, [container.id]) == {}
    process.stdin.write(b"\n")
    process.stdin.flush()
    await running(late)
    clients.start(*nsenter(container, "-m"), "sleep", other)
    await running(other)
    found = await sessions_in(sight, [container.id])
    assert set(found) == {late, other}


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_container_in_the_host_s_pid_namespace(
    sight: Engine, launch: Any, clients: Clients, runtime: str
) -> None:
    container = await launch(runtime, namespaces=("mount", "ipc", "uts", "network"))
    terminal, detached, entered = (unique() for _ in range(3))
    clients.start_in_terminal(*exec_words(container, "-t"), "sleep", terminal)
    detach(container, "sleep", detached)
    clients.start(*nsenter(container, "-m"), "sleep", entered)
    for each in (terminal, detached, entered):
        await running(each)

    # Its daemons' parents are gone, too, and are outside: nothing but their marks tells.
    found = await sessions_in(sight, [container.id])
    assert origins(found) == {
        terminal: (runtime, CERTAIN),
        detached: (runtime, LIKELY),
        entered: ("nsenter", LIKELY),
    }


async def test_a_pid_namespace_that_was_made_inside_is_the_container_s(
    sight: Engine, make_container: Any, clients: Clients
) -> None:
    first, within, entered, outer = (unique() for _ in range(4))
    script = (
        f"unshare -p -f sh -c 'sleep {first} & sleep {within}; :' & child=$!;"
        'while inner=$(cat /proc/$child/task/$child/children); [ -z "$inner" ]; do :; done;'
        # Who enters it from inside is the container's own, as in an engine in a container.
        f"nsenter -t $inner -p sleep {entered}; wait"
    )
    container = make_container(
        "runc",
        args=("sh", "-c", script),
        capabilities=(*DEFAULT_CAPABILITIES, "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"),
    )
    processes = [await running(each) for each in (first, within, entered)]
    assert await sessions_in(sight, [container.id]) == {}
    clients.start("nsenter", "-t", str(processes[0].pid), "-p", "-m", "sleep", outer)
    await running(outer)
    found = await sessions_in(sight, [container.id])
    assert origins(found) == {outer: ("nsenter", CERTAIN)}


async def test_a_thousand_ordinary_children(
    sight: Engine, make_container: Any, clients: Clients
) -> None:
    last, session = unique(), unique()
    many = f"i=0; while [ $i -lt 1000 ]; do setsid sleep 4000 & i=$((i+1)); done; sleep {last}"
    container = make_container("runc", args=("sh", "-c", many))
    await running(last)
    clients.start(*exec_words(container), "sleep", session)
    await running(session)
    for _ in range(2):
        assert set(await sessions_in(sight, [container.id])) == {session}
