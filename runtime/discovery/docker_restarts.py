"""Containers that docker is about to start again: no runtime has them while they wait.

A container that always fails would else come and go with every try. docker notes in its own file
that it is going to restart it, and waits longer each time, up to a minute (restartmanager.go).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from runtime.discovery.docker_daemon import DockerDaemon
from runtime.discovery.folder_names import FolderNames
from runtime.discovery.names_docker import CONFIG, DockerConfig, docker_facts, read_config
from runtime.discovery.roots import RuntimeRoot
from runtime.discovery.state_files import seconds
from runtime.kernel import stamps
from runtime.model import ContainerInfo, ContainerState

_RUNTIME = "runc"


class DockerRestarts:
    """Looks through the files of those containers of docker's that no runtime has."""

    def __init__(self, names: FolderNames) -> None:
        self._names = names
        self._known: dict[Path, tuple[stamps.Stamp, DockerConfig | None]] = {}

    def waiting(
        self, daemons: Iterable[DockerDaemon], roots: Iterable[RuntimeRoot], found: Collection[str]
    ) -> list[ContainerInfo]:
        """Containers that wait to be started again, but for those `found` in a runtime's root."""
        by_path = {root.path: root for root in roots}
        waiting: list[ContainerInfo] = []
        known: dict[Path, tuple[stamps.Stamp, DockerConfig | None]] = {}
        for daemon in daemons:
            path = Path(daemon.exec_root, f"runtime-{_RUNTIME}", daemon.namespace).resolve()
            root = by_path.get(str(path))
            if root is None:
                continue
            for file in self._files(daemon, found):
                config = self._read(file, known)
                if config is not None and config.state is not None and config.state.restarting:
                    waiting.append(_describe(file.parent.name, config, daemon, root))
        self._known = known
        return waiting

    def _files(self, daemon: DockerDaemon, found: Collection[str]) -> list[Path]:
        folder = Path(daemon.data_root, "containers")
        try:
            names = self._names.list(str(folder))
        except OSError:
            return []
        return [folder / name / CONFIG for name in names if name not in found]

    def _read(
        self, file: Path, known: dict[Path, tuple[stamps.Stamp, DockerConfig | None]]
    ) -> DockerConfig | None:
        stamp = stamps.stamp_or_none(file)
        if stamp is None:
            return None
        kept = self._known.get(file)
        if kept is None or kept[0] != stamp:
            kept = (stamp, read_config(file))
        known[file] = kept
        return kept[1]


def _describe(
    container_id: str, config: DockerConfig, daemon: DockerDaemon, root: RuntimeRoot
) -> ContainerInfo:
    facts = docker_facts(container_id, config, daemon.namespace, "")
    return ContainerInfo(
        id=container_id,
        name=facts.name,
        engine=facts.engine,
        runtime=_RUNTIME,
        root=root.path,
        bundle="",
        state=ContainerState.STOPPED,
        created=seconds(config.created),
        image=facts.image,
        labels=facts.labels,
        namespace=facts.namespace,
        compose_project=facts.compose_project,
        owner=root.owner,
        restarting=True,
        restarts=facts.restarts,
    )
