"""Names of docker's containers, from `<data-root>/containers/<id>/config.v2.json`.

Where the data root is, the container's own configuration tells: docker mounts /etc/hosts and its
like from there (daemon/container_operations_unix.go). Else it is asked of the daemons that run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from runtime.discovery.docker_daemon import DockerDaemon
from runtime.discovery.facts import ContainerFacts
from runtime.discovery.names_containerd import runtime_program
from runtime.kernel.beneath import read_file
from runtime.kernel.stamps import stamp_or_none
from runtime.oci.container import ContainerRecord

CONFIG = "config.v2.json"
_NAMESPACE = "moby"
_USUAL_DATA = "/var/lib/docker"
_MOUNTED = re.compile(r"(/.*/containers)/[0-9a-f]{64}/(?:hostname|hosts|resolv\.conf)$")
_LIMIT = 8 * 1024 * 1024


class DockerState(msgspec.Struct, rename="pascal"):
    """The part of a container's state that tells of restarts."""

    restarting: bool = False


class _Settings(msgspec.Struct, rename="pascal"):
    image: str = ""
    labels: dict[str, str] | None = None


class DockerConfig(msgspec.Struct, rename="pascal"):
    """The part of config.v2.json that matters here."""

    name: str = ""
    config: _Settings | None = None
    state: DockerState | None = None
    restart_count: int = 0
    created: str = ""


class _Mount(msgspec.Struct):
    source: str = ""


class _Bundle(msgspec.Struct):
    mounts: list[_Mount] | None = None


class DockerContainer:
    """A container of docker's, with the file that has its names."""

    def __init__(
        self, container_id: str, record: ContainerRecord, namespace: str, config: Path
    ) -> None:
        self._id = container_id
        self._record = record
        self._namespace = namespace
        self._config = config

    def stamp(self) -> object:
        """That of the file: docker writes another for a new name, state or restart."""
        return stamp_or_none(self._config)

    def facts(self) -> ContainerFacts:
        """The facts; without the file only what is known of docker's containers in general."""
        found = read_config(self._config)
        program = runtime_program(self._record)
        facts = docker_facts(self._id, found or DockerConfig(), self._namespace, program)
        return msgspec.structs.replace(facts, told=found is not None)


def docker_facts(
    container_id: str, config: DockerConfig, namespace: str, runtime_path: str
) -> ContainerFacts:
    """The facts that docker's file has."""
    settings, state = config.config or _Settings(), config.state or DockerState()
    return ContainerFacts(
        engine="docker",
        name=config.name.removeprefix("/") or container_id,
        image=settings.image,
        labels=settings.labels or {},
        namespace=namespace,
        runtime_path=runtime_path,
        restarting=state.restarting,
        restarts=config.restart_count,
    )


def docker_config(
    container_id: str, record: ContainerRecord, namespace: str, daemons: Iterable[DockerDaemon]
) -> Path | None:
    """Where the container's config.v2.json is; None for a container that is not docker's."""
    folders = [*_mounted_from(record), *(Path(each.data_root, "containers") for each in daemons)]
    for folder in (*folders, Path(_USUAL_DATA, "containers")):
        config = folder / container_id / CONFIG
        if stamp_or_none(config) is not None:
            return config
    if namespace == _NAMESPACE or any(each.namespace == namespace for each in daemons):
        return (folders or [Path(_USUAL_DATA, "containers")])[0] / container_id / CONFIG
    return None


def read_config(path: Path) -> DockerConfig | None:
    """What the file says, None where there is none, or it is half written."""
    try:
        return msgspec.json.decode(read_file(path, _LIMIT), type=DockerConfig)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _mounted_from(record: ContainerRecord) -> list[Path]:
    try:
        bundle = msgspec.json.decode(read_file(Path(record.config_path), _LIMIT), type=_Bundle)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    found = [_MOUNTED.match(each.source) for each in bundle.mounts or []]
    return list(dict.fromkeys(Path(each[1]) for each in found if each))
