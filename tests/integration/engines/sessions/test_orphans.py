"""What sessions leave running: told from the containers' own daemons, with a certainty."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import is_alive
from runtime.model import Certainty, ExecConfig
from tests.conftest import RUNTIMES
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.engines.sessions.entering import (
    PATIENCE,
    Clients,
    eventually,
    origins,
    running,
    sessions_in,
    unique,
)

CERTAIN, LIKELY = Certainty.CERTAIN, Certainty.LIKELY


async def test_podman_s_exec_that_forks_and_exits(
    engine: Engine, podman: Podman, of_podman: tuple[str, str]
) -> None:
    name, container = of_podman
    first, second = unique(), unique()
    podman.do("exec", "-d", name, "sh", "-c", f"sleep {first} & sleep {second} & exit")
    processes = {await running(each) for each in (first, second)}

    (session,) = (await eventually(engine, [container], _all_orphans)).values()
    # crun begins no kernel session: that of the exec is podman's, outside of the container.
    crun = "crun" in podman.do("inspect", "--format", "{{.OCIRuntime}}", name)
    assert (session.origin, session.certainty) == ("orphan", CERTAIN if crun else LIKELY)
    assert {each.process for each in session.tree} == processes
    assert not session.actions.attach.possible
    await engine.exec_stop(session.id, 20)
    assert not any(is_alive(each) for each in processes)
    assert await sessions_in(engine, [container]) == {}


def _all_orphans(found: dict[str, Any]) -> bool:
    return bool(found) and all(each.origin == "orphan" for each in found.values())


async def test_docker_s_exec_that_forks_and_exits(
    engine: Engine, docker: Docker, of_docker: tuple[str, str]
) -> None:
    name, container = of_docker
    left = unique()
    docker.do("exec", "-d", name, "sh", "-c", f"sleep {left} & exit")
    await running(left)
    found = await eventually(engine, [container], _all_orphans)
    assert origins(found) == {left: ("orphan", LIKELY)}


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_what_was_seen_while_its_session_ran_is_certain(
    sight: Engine, launch: Any, clients: Clients, runtime: str
) -> None:
    container = await launch(runtime)
    daemon, leader = unique(), unique()
    # Nothing tells this daemon from one of the container's own, but that it was seen before.
    script = f"setsid sleep {daemon} </dev/null >/dev/null 2>&1 & exec sleep {leader}"
    clients.start(
        container.program, "--root", str(container.root), "exec", container.id, "sh", "-c", script
    )
    process, of_leader = await running(daemon), await running(leader)
    (before,) = (await sessions_in(sight, [container.id])).values()
    send_signal(of_leader, signal.SIGKILL)
    assert await wait_ended(of_leader, PATIENCE)

    found = await eventually(sight, [container.id], _all_orphans)
    assert origins(found) == {daemon: ("orphan", CERTAIN)}
    assert found[daemon].left_by == before.id
    assert found[daemon].pid == process.pid


async def test_a_daemon_of_a_session_that_runs_is_of_its_tree(
    engine: Engine, podman: Podman, of_podman: tuple[str, str], clients: Clients
) -> None:
    name, container = of_podman
    daemon, leader = unique(), unique()
    script = f"(setsid sh -c 'sleep {daemon} & exit' &); exec sleep {leader}"
    clients.start_in_terminal(*podman.command, "exec", "-it", name, "sh", "-c", script)
    process = await running(daemon)
    await running(leader)
    found = await sessions_in(engine, [container])
    assert set(found) == {leader}
    assert process in {each.process for each in found[leader].tree}


async def test_where_there_is_no_pid_namespace(
    engine: Engine, podman: Podman, docker: Docker, container_ids: Any, decoys: Any
) -> None:
    options = ("--pid=host",)
    names = [next(container_ids), next(container_ids)]
    engines: tuple[Any, Any] = (podman, docker)
    containers = []
    try:
        for each, name in zip(engines, names, strict=True):
            containers.append(each.run(name, *decoys.command, options=options))
        await decoys.wait()
        sessions, orphans = [unique(), unique()], [unique(), unique()]
        for each, name, session, orphan in zip(engines, names, sessions, orphans, strict=True):
            each.do("exec", "-d", name, "sleep", session)
            each.do("exec", "-d", name, "sh", "-c", f"sleep {orphan} & exit")
            await running(session)
            await running(orphan)
        expected = {
            sessions[0]: ("podman", CERTAIN),
            orphans[0]: ("orphan", CERTAIN),  # its conmon was given it, and stays
            sessions[1]: ("docker", CERTAIN),
            orphans[1]: ("orphan", LIKELY),
        }
        found = await eventually(engine, containers, lambda now: origins(now) == expected)
        assert found[orphans[0]].left_by in podman.do("inspect", names[0])
    finally:
        for each, name in zip(engines, names[: len(containers)], strict=False):
            each.remove(name)


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_what_our_own_session_left(sight: Engine, launch: Any, runtime: str) -> None:
    container = await launch(runtime)
    info = await sight.find_container(container.id)
    left = unique()
    config = ExecConfig(command=["sh", "-c", f"setsid sleep {left} >/dev/null 2>&1 & exit"])
    session_id = await sight.exec_create(info, config)
    await sight.exec_start(session_id)
    process = await running(left)

    found = await eventually(sight, [container.id], lambda now: left in now)
    recorded = {each.id for each in found.values() if each.recorded}
    assert recorded == {session_id}
    orphan = found[left]
    assert (orphan.origin, orphan.certainty, orphan.left_by) == ("orphan", CERTAIN, session_id)
    await sight.exec_remove(session_id)
    (orphan,) = (await sessions_in(sight, [container.id])).values()
    assert (orphan.left_by, orphan.pid) == (session_id, process.pid)


async def test_an_audit_session_of_its_own_is_a_mark(
    sight: Engine, launch: Any, tmp_path: Path
) -> None:
    container = await launch("runc")
    left = unique()
    script = f"setsid sleep {left} </dev/null >/dev/null 2>&1 & exit"
    login = 'echo 4242 > /proc/self/loginuid; exec "$@"'
    words = [container.program, "--root", str(container.root), "exec", container.id]
    subprocess.run(
        ["sh", "-c", login, "sh", *words, "sh", "-c", script],
        stdin=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    await running(left)
    found = await sessions_in(sight, [container.id])
    assert origins(found) == {left: ("orphan", LIKELY)}
    assert found[left].client.login_uid == 4242
