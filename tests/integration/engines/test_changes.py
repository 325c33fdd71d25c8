"""Containers of real engines that are renamed, paused, restarted, stopped, and that come and go."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from app.demo.launch import LaunchedContainer
from runtime.discovery.podman_database import PodmanDatabase
from runtime.engine import Engine
from runtime.model import ContainerInfo, ContainerState, EngineSettings, ExecConfig, Overview
from tests.conftest import MakeContainer
from tests.engines.docker import Docker
from tests.engines.podman import Podman

PATIENCE = 60
ROOTS = ("/run/runc", "/run/crun")
Holds = Callable[[Overview], bool]


async def wait_until(engine: Engine, holds: Holds) -> Overview:
    """Look whenever there is news, until an overview is as it should be."""
    async with asyncio.timeout(PATIENCE):
        while True:
            overview = await engine.overview()
            assert about(overview, *ROOTS) == []
            if holds(overview):
                return overview
            await engine.wait_changed(1.0)


def about(overview: Overview, *roots: str) -> list[str]:
    """The problems of these roots: others may have containers here that are broken on purpose."""
    return [each for each in overview.problems if any(root in each for root in roots)]


def named(overview: Overview, container_id: str) -> ContainerInfo | None:
    found = [each for each in overview.containers if each.id == container_id]
    assert len(found) < 2
    return found[0] if found else None


@pytest.fixture(params=["docker", "podman"])
def place(
    request: pytest.FixtureRequest, container_ids: Iterator[str]
) -> Iterator[tuple[Docker | Podman, str, str]]:
    """An engine, and the name and id of a container that runs in it."""
    engine, name = request.getfixturevalue(request.param), next(container_ids)
    yield engine, name, engine.run(name)
    engine.remove(name)


async def test_a_new_name(engine: Engine, place: tuple[Docker | Podman, str, str]) -> None:
    of, name, container_id = place
    first = await engine.find_container(name)
    of.do("rename", name, f"{name}-new")
    assert (await engine.find_container(f"{name}-new")).id == container_id
    of.do("rename", f"{name}-new", name)
    assert (await engine.find_container(name)).key == first.key


async def test_paused_and_going_on(engine: Engine, place: tuple[Docker | Podman, str, str]) -> None:
    of, name, container_id = place
    of.do("pause", name)
    assert (await engine.find_container(container_id)).state is ContainerState.PAUSED
    of.do("unpause", name)
    assert (await engine.find_container(container_id)).state is ContainerState.RUNNING


async def test_stopped_and_started(engine: Engine, place: tuple[Docker | Podman, str, str]) -> None:
    of, name, container_id = place
    before = named(await engine.overview(), container_id)
    assert before is not None
    await asyncio.to_thread(of.do, "stop", "-t", "0", name)
    await wait_until(engine, lambda overview: named(overview, container_id) is None)
    await asyncio.to_thread(of.do, "start", name)
    found = await wait_until(engine, lambda overview: named(overview, container_id) is not None)
    after = named(found, container_id)
    assert after is not None
    assert (after.name, after.key) == (name, before.key)
    assert after.init != before.init


async def test_one_that_docker_starts_again_and_again(
    engine: Engine, docker: Docker, container_ids: Iterator[str]
) -> None:
    name = next(container_ids)
    container_id = docker.run(name, "sh", "-c", "exit 3", options=("--restart", "always"))
    try:
        waiting = await wait_until(
            engine,
            lambda overview: bool((found := named(overview, container_id)) and found.restarting),
        )
        found = named(waiting, container_id)
        assert found is not None
        assert (found.name, found.state, found.init) == (name, ContainerState.STOPPED, None)
        later = await wait_until(
            engine,
            lambda overview: (named(overview, container_id) or found).restarts != found.restarts,
        )
        again = named(later, container_id)
        assert again is not None
        assert (again.restarts or 0) > (found.restarts or 0)
        assert again.key == found.key
    finally:
        docker.remove(name)
    await wait_until(engine, lambda overview: named(overview, container_id) is None)


async def test_podman_counts_restarts(
    engine: Engine, podman: Podman, container_ids: Iterator[str]
) -> None:
    name = next(container_ids)
    container_id = podman.run(
        name, "sh", "-c", "sleep 1; exit 3", options=("--restart", "on-failure:100")
    )
    try:
        await wait_until(
            engine,
            lambda overview: bool((found := named(overview, container_id)) and found.restarts),
        )
    finally:
        podman.remove(name)


async def test_a_root_that_only_a_monitor_knows(
    make_container: MakeContainer, engine_settings: EngineSettings, short_folder: object
) -> None:
    container: LaunchedContainer = make_container("runc")
    told = EngineSettings(
        state_dir=f"{short_folder}/other",
        run_dir=f"{short_folder}/run2",
        roots=[str(container.root)],
    )
    async with Engine(told) as starter, Engine(engine_settings) as engine:
        assert named(await engine.overview(), container.id) is None
        info = await starter.find_container(container.id)
        session_id = await starter.exec_create(info, ExecConfig(command=["sleep", "1000"]))
        await starter.exec_start(session_id)
        assert (await engine.find_container(container.id)).root == str(container.root)
        await starter.exec_remove(session_id, force=True)


async def test_a_host_on_which_containers_come_and_go(
    engine: Engine, docker: Docker, podman: Podman, container_ids: Iterator[str]
) -> None:
    """While they do, nothing is listed twice, and there is nothing to complain of."""
    stop = threading.Event()
    rounds: list[str] = []

    def storm(of: Docker | Podman, names: list[str]) -> None:
        while not stop.is_set():
            for name in names:
                of.run(name)
            for name in names:
                of.remove(name)
            rounds.append(names[0])

    threads = [
        asyncio.to_thread(storm, of, [next(container_ids) for _ in range(2)])
        for of in (docker, podman)
    ]
    storms = [asyncio.ensure_future(each) for each in threads]
    seen: set[str] = set()
    try:
        async with asyncio.timeout(2 * PATIENCE):
            while len(set(rounds)) < 2 or len(rounds) < 6:
                overview = await engine.overview()
                assert about(overview, *ROOTS, str(docker.root)) == []
                keys = [each.key for each in overview.containers]
                assert len(keys) == len(set(keys))
                seen |= {each.id for each in overview.containers}
                await engine.wait_changed(0.05)
    finally:
        stop.set()
        await asyncio.gather(*storms)
    assert len(seen) > 4


async def test_what_a_file_does_not_tell_docker_does(
    engine: Engine, docker: Docker, container_ids: Iterator[str]
) -> None:
    name = next(container_ids)
    container_id = docker.run(name)
    config = docker.folder / "data" / "containers" / container_id / "config.v2.json"
    hidden = config.with_suffix(".hidden")
    config.rename(hidden)
    try:
        found = await wait_until(
            engine,
            lambda overview: bool((each := named(overview, container_id)) and each.name == name),
        )
        told = named(found, container_id)
        assert told is not None
        assert (told.engine, told.image) == ("docker", "exectop-test")
    finally:
        hidden.rename(config)
        docker.remove(name)


async def test_what_a_file_does_not_tell_podman_s_service_does(
    engine: Engine,
    podman: Podman,
    container_ids: Iterator[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    podman.serve()
    name = next(container_ids)
    container_id = podman.run(name, options=("--label", "com.docker.compose.project=shop"))
    # As with a podman that keeps it in another place.
    monkeypatch.setattr(PodmanDatabase, "record", lambda self, container_id: None)
    try:
        await wait_until(
            engine,
            lambda overview: (
                (each := named(overview, container_id)) is not None
                and each.compose_project == "shop"
            ),
        )
    finally:
        podman.remove(name)
