"""Containers that docker is about to start again, from made-up files."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.discovery.docker_daemon import DockerDaemon
from runtime.discovery.docker_restarts import DockerRestarts
from runtime.discovery.folder_names import FolderNames
from runtime.discovery.roots import RuntimeRoot
from runtime.model import ContainerState
from tests.files.engines import docker_config

BOX, OTHER = "a" * 64, "b" * 64
WAITING = {"Running": True, "Restarting": True, "Pid": 0}


@pytest.fixture
def daemon(tmp_path: Path) -> DockerDaemon:
    return DockerDaemon(str(tmp_path / "e"), str(tmp_path / "d"), "moby", ())


@pytest.fixture
def root(daemon: DockerDaemon) -> RuntimeRoot:
    return RuntimeRoot(path=f"{daemon.exec_root}/runtime-runc/moby", owner=0)


@pytest.fixture
def restarts() -> DockerRestarts:
    return DockerRestarts(FolderNames())


def test_one_that_waits(
    restarts: DockerRestarts, daemon: DockerDaemon, root: RuntimeRoot, tmp_path: Path
) -> None:
    docker_config(tmp_path / "d", BOX, State=WAITING, RestartCount=5)
    docker_config(tmp_path / "d", OTHER)
    (found,) = restarts.waiting([daemon], [root], set())
    assert (found.id, found.name, found.engine) == (BOX, "web", "docker")
    assert (found.state, found.init) == (ContainerState.STOPPED, None)
    assert (found.restarting, found.restarts, found.root) == (True, 5, root.path)
    assert found.created == pytest.approx(1795522287.366, abs=0.01)
    assert restarts.waiting([daemon], [root], {BOX}) == []
    docker_config(tmp_path / "d", BOX, Name="/started")
    assert restarts.waiting([daemon], [root], set()) == []


def test_none_without_its_root(
    restarts: DockerRestarts, daemon: DockerDaemon, tmp_path: Path
) -> None:
    docker_config(tmp_path / "d", BOX, State=WAITING)
    assert restarts.waiting([daemon], [RuntimeRoot("/run/runc", 0)], set()) == []


def test_files_that_cannot_be_read(
    restarts: DockerRestarts, daemon: DockerDaemon, root: RuntimeRoot, tmp_path: Path
) -> None:
    assert restarts.waiting([daemon], [root], set()) == []
    docker_config(tmp_path / "d", BOX).write_text('{"Name": "/we')
    (tmp_path / "d/containers" / OTHER).mkdir()
    assert restarts.waiting([daemon], [root], set()) == []
