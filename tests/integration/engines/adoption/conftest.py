"""Containers of podman and docker in which somebody else has sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from runtime.engine import Engine
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.proc import PROC, identify
from runtime.model import ProcessIdentity
from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.conftest import InTerminal
from tests.integration.engines.adoption.owner import ANSWERS, PATIENCE, Owner, tag

StartOwner = Callable[..., Awaitable[Owner]]


@pytest.fixture(params=["runc", "crun"])
def pod(
    request: pytest.FixtureRequest, podman: Podman, container_ids: Iterator[str]
) -> Iterator[list[str]]:
    """The words of a command of podman's up to "exec", and a container's name."""
    name = next(container_ids)
    podman.run(name, runtime=request.param)
    yield [*podman.command, "exec", name]
    podman.remove(name)


@pytest.fixture
def box(docker: Docker, container_ids: Iterator[str]) -> Iterator[list[str]]:
    """The same of docker's."""
    name = next(container_ids)
    docker.run(name)
    yield [*docker.command, "exec", name]
    docker.remove(name)


@pytest.fixture
async def owner() -> AsyncIterator[StartOwner]:
    """A function that begins a session in a terminal: `await owner(pod)`, with `-it` if not told.

    `script` is what it runs; it must print "ready".
    """
    made: list[InTerminal] = []

    async def begin(words: list[str], *options: str, script: str = ANSWERS) -> Owner:
        name = tag()
        *command, container = words
        command += [*(options or ("-it",)), container, "sh", "-c", script, name]
        made.append(InTerminal(command, 24, 80))
        started = Owner(made[-1], name)
        await started.sees("ready")
        return started

    yield begin
    for each in made:
        each.close()


@pytest.fixture
def run_dir(short_folder: Path) -> Path:
    """The run folder of `engine`."""
    return short_folder / "run"


@pytest.fixture
def keepers(engine: Engine, run_dir: Path) -> Callable[[], list[ProcessIdentity]]:
    """A function that finds the keepers that work for `engine`."""

    def find() -> list[ProcessIdentity]:
        word = f"{run_dir}/keepers/"
        found = []
        for entry in PROC.iterdir():
            if entry.name.isdigit() and word in _command(entry):
                found.append(identify(int(entry.name)))
        return [each for each in found if each is not None]

    return find


def _command(entry: Path) -> str:
    try:
        return (entry / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


async def wait_all_ended(processes: list[ProcessIdentity]) -> None:
    """Wait until none of them runs."""
    for each in processes:
        assert await wait_ended(each, PATIENCE), f"{each} goes on"
