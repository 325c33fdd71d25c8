"""Ending a session of another's: its engine says so, and nothing else was touched."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import msgspec

from app.demo.launch import LaunchedContainer
from runtime.engine import Engine
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.proc import read_stat
from runtime.model import EngineSettings, ExecState, ProcessIdentity, SessionInfo
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.conftest import InTerminal
from tests.integration.engines.adoption.conftest import StartOwner
from tests.integration.engines.adoption.owner import PATIENCE, Owner, holder_of, session_of, tag
from tests.integration.engines.sessions.entering import engine_says_ended

# A child, and one in a kernel session of its own.
FAMILY = "sleep 7001 & setsid sleep 7002 & echo ready; read line; wait"


class Bystanders:
    """What must not be touched: the container, and another session like it with its monitor.

    docker's sessions have one monitor, the shim.
    """

    def __init__(self, engine: Engine, victim: SessionInfo, other: SessionInfo) -> None:
        self._engine = engine
        self._victim = victim
        self._other = other
        self._processes = {holder_of(other), *(each.process for each in other.tree)}

    async def stop_the_victim(self) -> None:
        """Stop it: all of it ends."""
        container = await self._engine.find_container(self._victim.container_id)
        assert container.init is not None
        self._processes.add(container.init)
        assert len(self._victim.tree) == 3, self._victim.tree
        await self._engine.exec_stop(self._victim.id, 10)
        for each in self._victim.tree:
            assert await wait_ended(each.process, PATIENCE)

    async def go_on(self) -> None:
        """See that they do."""
        assert [each for each in self._processes if not _runs(each)] == []
        left = [
            each
            for each in await self._engine.sessions()
            if each.container_id == self._victim.container_id and each.state is ExecState.RUNNING
        ]
        assert [each.id for each in left] == [self._other.id]


def _runs(process: ProcessIdentity) -> bool:
    """Whether it runs or sleeps; one that was sent a stop signal does not."""
    stat = read_stat(process.pid)
    return stat is not None and stat.identity == process and stat.state in "RSD"


async def test_docker_says_that_it_has_ended(
    engine: Engine, docker: Docker, box: list[str], owner: StartOwner
) -> None:
    owners = [await owner(box, script=FAMILY) for _ in range(2)]
    victim, other = [await session_of(engine, each.name) for each in owners]
    owners[0].kill()
    bystanders = Bystanders(engine, victim, other)
    await bystanders.stop_the_victim()
    answer = await engine_says_ended(docker.socket, f"/exec/{victim.id}/json")
    assert (answer["ExitCode"], answer["Pid"]) == (143, victim.pid)
    (told,) = json.loads(docker.do("inspect", box[-1]))
    assert told["ExecIDs"] == [other.id]
    await bystanders.go_on()
    assert docker.do("exec", box[-1], "echo", "still") == "still"


async def test_podman_says_that_it_has_ended(
    engine: Engine, podman: Podman, pod: list[str], owner: StartOwner
) -> None:
    owners = [await owner(pod, script=FAMILY) for _ in range(2)]
    victim, other = [await session_of(engine, each.name) for each in owners]
    bystanders = Bystanders(engine, victim, other)
    await bystanders.stop_the_victim()
    assert await owners[0].exit_code() == 143
    # podman removes a session that it was attached to.
    (told,) = json.loads(podman.do("inspect", pod[-1]))
    assert told["ExecIDs"] == [other.id]
    await bystanders.go_on()
    assert podman.do("exec", pod[-1], "echo", "still") == "still"


async def test_the_client_of_a_runtime_alone_ends_with_it(
    container: LaunchedContainer, engine_settings: EngineSettings
) -> None:
    settings = msgspec.structs.replace(engine_settings, roots=[str(container.root)])
    with _two_owners(container) as owners:
        async with Engine(settings) as engine:
            for each in owners:
                await each.sees("ready")
            victim, other = [await session_of(engine, each.name) for each in owners]
            bystanders = Bystanders(engine, victim, other)
            await bystanders.stop_the_victim()
            assert await owners[0].exit_code() == 143
            await bystanders.go_on()


@contextlib.contextmanager
def _two_owners(container: LaunchedContainer) -> Iterator[list[Owner]]:
    words = [container.program, "--root", str(container.root), "exec", "-t", container.id]
    names = [tag() for _ in range(2)]
    owners = [Owner(InTerminal([*words, "sh", "-c", FAMILY, name], 24, 80), name) for name in names]
    try:
        yield owners
    finally:
        for each in owners:
            each.close()
