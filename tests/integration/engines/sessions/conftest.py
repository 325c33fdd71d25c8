"""Containers that have begun processes of their own, and programs that enter them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.demo.launch import LaunchedContainer
from runtime.engine import Engine
from runtime.model import EngineSettings
from tests.conftest import RUNTIMES
from tests.engines.containerd import Containerd
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.engines.sessions.entering import Clients, Decoys
from tests.integration.rootless.conftest import RootlessContainer


@pytest.fixture
def clients() -> Iterator[Clients]:
    """Programs that run beside the test."""
    made = Clients()
    yield made
    made.close()


@pytest.fixture
def decoys() -> Decoys:
    """What the containers of this test begin themselves."""
    return Decoys()


@pytest.fixture(params=["runc", "crun"])
async def of_podman(
    request: pytest.FixtureRequest,
    podman: Podman,
    container_ids: Iterator[str],
    decoys: Decoys,
) -> AsyncIterator[tuple[str, str]]:
    """A container of podman's: its name and its id."""
    name = next(container_ids)
    container = podman.run(name, *decoys.command, runtime=request.param)
    await decoys.wait()
    yield name, container
    podman.remove(name)


@pytest.fixture
async def of_docker(
    docker: Docker, container_ids: Iterator[str], decoys: Decoys
) -> AsyncIterator[tuple[str, str]]:
    """A container of docker's: its name and its id."""
    name = next(container_ids)
    container = docker.run(name, *decoys.command)
    await decoys.wait()
    yield name, container
    docker.remove(name)


@pytest.fixture
async def of_containerd(
    containerd: Containerd, container_ids: Iterator[str], decoys: Decoys
) -> AsyncIterator[str]:
    """A container of containerd's: its name, which is its id."""
    name = containerd.run(next(container_ids), *decoys.command)
    await decoys.wait()
    yield name
    containerd.remove(name)


@pytest.fixture
async def launch(
    make_container: Callable[..., LaunchedContainer], decoys: Decoys
) -> Callable[..., Any]:
    """A function that starts a container with a runtime alone: `await launch("crun")`."""

    async def start(runtime: str, **changes: Any) -> LaunchedContainer:
        made = make_container(runtime, args=decoys.command, **changes)
        await decoys.wait()
        return made

    return start


@pytest.fixture
async def sight(engine_settings: EngineSettings, short_folder: Path) -> AsyncIterator[Engine]:
    """An engine that sees the containers of `launch` only."""
    roots = [str(short_folder / f"r-{runtime}") for runtime in RUNTIMES]
    async with Engine(msgspec.structs.replace(engine_settings, roots=roots)) as made:
        yield made


@pytest.fixture(params=RUNTIMES)
def mine(
    request: pytest.FixtureRequest, make_rootless: Callable[[str], RootlessContainer]
) -> RootlessContainer:
    """A running container of an ordinary user's."""
    return make_rootless(request.param)
