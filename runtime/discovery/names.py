"""What a container's engine calls it, read from the engine's own files: one class an engine.

Which engine made a container is told by what it left in the runtime's record: podman and CRI-O by
an annotation, containerd (and docker, which runs on it) by where it puts bundles.
"""

from __future__ import annotations

from runtime.discovery.engine_processes import EngineProcesses
from runtime.discovery.facts import ContainerFacts, NamedContainer
from runtime.discovery.names_annotations import CrioContainer
from runtime.discovery.names_containerd import ContainerdContainer, containerd_namespace
from runtime.discovery.names_docker import DockerContainer, docker_config
from runtime.discovery.names_podman import PodmanContainer, PodmanStorages
from runtime.oci.container import ContainerRecord

# containers/common and CRI-O mark what they made with this annotation.
_MANAGER_ANNOTATION = "io.container.manager"


class PlainContainer:
    """One that somebody made with the runtime itself: its id is its name."""

    def __init__(self, container_id: str, record: ContainerRecord) -> None:
        self._facts = ContainerFacts(engine=record.runtime, name=container_id)

    def stamp(self) -> object:
        """Always the same: there is nothing to read."""
        return None

    def facts(self) -> ContainerFacts:
        """The same facts as ever."""
        return self._facts


class ContainerNames:
    """Finds out whose a container is, and so where its names are."""

    def __init__(self, processes: EngineProcesses) -> None:
        self._processes = processes
        self._podman = PodmanStorages()

    def open(self, container_id: str, record: ContainerRecord) -> NamedContainer:
        """The way to the names of this container."""
        manager = record.annotations.get(_MANAGER_ANNOTATION, "")
        if manager == "libpod":
            return PodmanContainer(container_id, record, self._podman, self._processes)
        if manager == "cri-o":
            return CrioContainer(container_id, record, self._processes)
        namespace = containerd_namespace(record.bundle, container_id)
        if not namespace:
            return PlainContainer(container_id, record)
        config = docker_config(container_id, record, namespace, self._processes.daemons())
        if config is not None:
            return DockerContainer(container_id, record, namespace, config)
        return ContainerdContainer(container_id, record, namespace)

    def end_look(self) -> None:
        """Let go of what was held open to be read more than once in one look."""
        self._podman.close()
