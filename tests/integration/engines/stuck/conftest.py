"""Containers in which sessions get stuck, and a way to prune what is in one of them only."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines.docker import Docker
from tests.engines.podman import Podman
from tests.integration.conftest import PROGRAM
from tests.integration.engines.sessions.entering import Clients

Prune = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def clients() -> Iterator[Clients]:
    """Programs that run beside the test."""
    made = Clients()
    yield made
    made.close()


@pytest.fixture(params=["runc", "crun"])
def pod(
    request: pytest.FixtureRequest, podman: Podman, container_ids: Iterator[str]
) -> Iterator[tuple[str, str]]:
    """A container of podman's: its name and its id."""
    name = next(container_ids)
    yield name, podman.run(name, runtime=request.param)
    podman.remove(name)


@pytest.fixture
def box(docker: Docker, container_ids: Iterator[str]) -> Iterator[tuple[str, str]]:
    """A container of docker's: its name and its id."""
    name = next(container_ids)
    yield name, docker.run(name)
    docker.remove(name)


@pytest.fixture
def prune(short_folder: Path) -> Prune:
    """`prune(CONTAINER, "--dry-run")`: what `exectop prune` says it did, in that container only."""

    def run(container: str, *words: str) -> list[dict[str, Any]]:
        places = ("--state-dir", short_folder / "state", "--run-dir", short_folder / "run")
        command = [PROGRAM, *map(str, places), "--config", "/dev/null", "prune", "--format", "json"]
        command += ["--container", container, *words]
        done = subprocess.run(command, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
        assert (done.returncode, done.stderr) == (0, b"")
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return run
