"""docker execs whose client is gone: found, ended, and dockerd agrees."""

from __future__ import annotations

import json
import socket
from typing import Any

from runtime.engine import Engine
from runtime.kernel.proc import is_alive
from runtime.model import SessionInfo
from tests.engines.docker import Docker
from tests.integration.engines.sessions.entering import (
    Clients,
    engine_says_ended,
    eventually,
    running,
    sessions_in,
    unique,
)
from tests.integration.engines.stuck.conftest import Prune


def reasons(found: dict[str, SessionInfo]) -> dict[str, list[tuple[str, str]]]:
    return {
        name: [(each.reason.value, each.certainty.value) for each in session.stuck]
        for name, session in found.items()
    }


GONE = [("client-gone", "certain")]


async def test_a_killed_client_is_missed_and_its_session_ended(
    engine: Engine, docker: Docker, box: tuple[str, str], clients: Clients, prune: Prune
) -> None:
    name, container = box
    lost, kept, detached = unique(), unique(), unique()
    run = [*docker.command, "exec"]
    # The one that stays is the older one: it could be the other's client, but for its command.
    clients.start_in_terminal(*run, "-it", name, "sleep", kept)
    processes = {kept: await running(kept)}
    client = clients.start_in_terminal(*run, "-it", name, "sleep", lost)
    processes[lost] = await running(lost)
    docker.do("exec", "-d", name, "sleep", detached)
    processes[detached] = await running(detached)
    # One whose starter is just leaving is found by a later look.
    found = await eventually(engine, [container], lambda now: now.keys() >= processes.keys())
    assert reasons(found) == {lost: [], kept: [], detached: []}
    assert prune(name) == []

    client.kill()
    client.wait()
    healthy: dict[str, Any] = {kept: [], detached: []}
    found = await eventually(engine, [container], lambda now: bool(now[lost].stuck))
    assert reasons(found) == {lost: GONE, **healthy}
    inspected = await engine.inspect(found[lost].id)
    assert inspected.stuck == found[lost].stuck
    (said,) = prune(name, "--dry-run")
    assert (said["id"], said["done"], said["refused"]) == (found[lost].id, ["stop"], "")
    assert is_alive(processes[lost])

    (said,) = prune(name)
    assert (said["id"], said["done"], said["error"]) == (found[lost].id, ["stop"], "")
    assert not is_alive(processes[lost])
    answer = await engine_says_ended(docker.socket, f"/exec/{found[lost].id}/json")
    assert (answer["Running"], answer["ExitCode"]) == (False, 143)
    (told,) = json.loads(docker.do("inspect", name))
    assert told["State"]["Running"]
    assert found[lost].id not in told["ExecIDs"]
    assert reasons(await sessions_in(engine, [container])) == healthy
    assert is_alive(processes[kept])
    assert is_alive(processes[detached])


async def test_of_two_alike_the_one_that_cannot_be_told_is_left_alone(
    engine: Engine, docker: Docker, box: tuple[str, str], clients: Clients, prune: Prune
) -> None:
    name, container = box
    run = [*docker.command, "exec", "-i", name, "sh", "-c"]
    alike = "sleep 1000; :"
    clients.start(*run, alike)
    await eventually(engine, [container], lambda now: len(now) == 1)
    second = [*docker.command, "exec", "-i", name, "sh", "-c", alike]
    client = clients.start(*second)

    async def both() -> list[SessionInfo]:
        return [each for each in await engine.sessions() if each.container_id == container]

    while len(await both()) < 2:
        await engine.wait_changed(0.1)
    client.kill()
    client.wait()
    older, younger = await both()
    while not (younger := (await both())[1]).stuck:
        await engine.wait_changed(0.1)
    assert [each.certainty.value for each in younger.stuck] == ["unknown"]
    (said,) = prune(name)
    assert (said["id"], said["done"]) == (younger.id, [])
    assert "not certain" in said["refused"]
    assert [each.id for each in await both()] == [older.id, younger.id]


async def test_a_program_that_could_be_the_client_is_no_proof(
    engine: Engine, docker: Docker, box: tuple[str, str], clients: Clients, prune: Prune
) -> None:
    name, container = box
    lost = unique()
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(docker.socket))
        client = clients.start(*docker.command, "exec", "-i", name, "sleep", lost)
        process = await running(lost)
        client.kill()
        client.wait()
        found = await eventually(engine, [container], lambda now: bool(now[lost].stuck))
        assert reasons(found) == {lost: [("client-gone", "unknown")]}
        (said,) = prune(name)
        assert said["done"] == []
        assert is_alive(process)
    found = await eventually(engine, [container], lambda now: reasons(now) == {lost: GONE})
