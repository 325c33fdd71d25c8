"""podman's sessions whose client or monitor is gone: found, ended, and podman agrees."""

from __future__ import annotations

import signal

import pytest

from runtime.engine import Engine
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import identify, is_alive, read_stat
from runtime.model import ProcessIdentity
from tests.engines.podman import Podman
from tests.integration.engines.sessions.entering import (
    Clients,
    engine_says_ended,
    eventually,
    running,
    sessions_in,
    unique,
)
from tests.integration.engines.stuck.conftest import Prune
from tests.integration.engines.stuck.test_stuck_docker import GONE, reasons


def monitor_of(process: ProcessIdentity) -> ProcessIdentity:
    stat = read_stat(process.pid)
    assert stat is not None
    found = identify(stat.ppid)
    assert found is not None
    return found


@pytest.mark.parametrize("options", ["-it", "-i"])
async def test_a_killed_client_is_missed_and_its_session_ended(
    engine: Engine,
    podman: Podman,
    pod: tuple[str, str],
    clients: Clients,
    prune: Prune,
    options: str,
) -> None:
    name, container = pod
    server = podman.serve()
    lost, kept, detached = unique(), unique(), unique()
    run = [*podman.command, "exec", options, name, "sleep"]
    client = clients.start_in_terminal(*run, lost)
    clients.start_in_terminal(*run, kept)
    podman.do("exec", "-d", options, name, "sleep", detached)
    processes = {each: await running(each) for each in (lost, kept, detached)}
    # One whose starter is just leaving is found by a later look.
    found = await eventually(engine, [container], lambda now: now.keys() >= processes.keys())
    assert reasons(found) == {lost: [], kept: [], detached: []}

    client.kill()
    client.wait()
    found = await eventually(engine, [container], lambda now: bool(now[lost].stuck))
    assert reasons(found) == {lost: GONE, kept: [], detached: []}
    (said,) = prune(name, "--dry-run")
    assert said["done"] == ["stop"]
    assert is_alive(processes[lost])

    (said,) = prune(name)
    assert (said["id"], said["done"], said["error"]) == (found[lost].id, ["stop"], "")
    assert not is_alive(processes[lost])
    assert reasons(await sessions_in(engine, [container])) == {kept: [], detached: []}
    assert is_alive(processes[kept])
    assert is_alive(processes[detached])
    assert server.exists()


async def test_one_without_input_may_only_have_been_visited(
    engine: Engine, podman: Podman, pod: tuple[str, str], clients: Clients, prune: Prune
) -> None:
    name, container = pod
    lost = unique()
    client = clients.start(*podman.command, "exec", name, "sleep", lost)
    process = await running(lost)
    await eventually(engine, [container], lambda now: now[lost].attached == 1)
    client.kill()
    client.wait()
    found = await eventually(engine, [container], lambda now: bool(now[lost].stuck))
    assert reasons(found) == {lost: [("client-gone", "likely")]}
    (said,) = prune(name)
    assert said["done"] == []
    assert "may only have visited it" in said["refused"]
    assert is_alive(process)


async def test_one_whose_monitor_was_killed(
    engine: Engine, podman: Podman, pod: tuple[str, str], clients: Clients, prune: Prune
) -> None:
    name, container = pod
    lost = unique()
    podman.do("exec", "-d", name, "sleep", lost)
    process = await running(lost)
    assert reasons(await sessions_in(engine, [container])) == {lost: []}
    send_signal(monitor_of(process), signal.SIGKILL)
    found = await eventually(engine, [container], lambda now: bool(now[lost].stuck))
    assert reasons(found) == {lost: [("monitor-died", "certain")]}
    (said,) = prune(name)
    assert said["done"] == ["stop"]
    assert not is_alive(process)


async def test_a_suspended_monitor_goes_on_and_notes_the_end(
    engine: Engine, podman: Podman, pod: tuple[str, str], clients: Clients, prune: Prune
) -> None:
    name, _ = pod
    server = podman.serve()
    lost = unique()
    session = podman.do("exec", "-d", name, "sleep", lost)
    process = await running(lost)
    monitor = monitor_of(process)
    send_signal(monitor, signal.SIGSTOP)
    send_signal(process, signal.SIGKILL)
    found: list[str] = []
    while not found:
        sessions = [each for each in await engine.sessions() if each.id == session]
        found = [each.reason.value for one in sessions for each in one.stuck]
    assert found == ["zombie"]
    (said,) = prune(name)
    assert (said["id"], said["done"]) == (session, ["resume-monitor"])
    answer = await engine_says_ended(server, f"/exec/{session}/json")
    assert answer["ExitCode"] == 137
