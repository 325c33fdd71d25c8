"""Names of podman's containers, from containers/storage and from podman's own database.

A bundle is `<storage>/<driver>-containers/<id>/userdata`. `containers.json` beside those folders
has names and images (containers/storage, containers.go) and is small; the database has labels, pods
and restarts (`podman_database`). A monitor's command line has the name the container began with.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from runtime.discovery.engine_processes import EngineProcesses
from runtime.discovery.facts import ContainerFacts, program_path
from runtime.discovery.podman_database import PodmanDatabase, PodmanRecord
from runtime.kernel.beneath import read_file
from runtime.kernel.stamps import Stamp, stamp_or_none
from runtime.oci.container import ContainerRecord

_LIMIT = 64 * 1024 * 1024


class _Stored(msgspec.Struct):
    id: str
    names: list[str] | None = None
    metadata: str = ""


class _Metadata(msgspec.Struct, rename="kebab"):
    image_name: str = ""


class PodmanStorage:
    """One storage: root's, a user's, or one that was named with `--root`."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the one with a folder a container in it."""
        self.index = folder / "containers.json"
        self.database = PodmanDatabase(folder.parent)
        self._stamp: Stamp | None = None
        self._looked = False
        self._names: dict[str, _Stored] = {}

    def stored(self, container_id: str) -> _Stored | None:
        """What the index has of the container; None where it is not in it."""
        if not self._looked:
            stamp = stamp_or_none(self.index)
            if stamp != self._stamp:
                self._names = _read_index(self.index)
            self._stamp, self._looked = stamp, True
        return self._names.get(container_id)

    def close(self) -> None:
        """Look whether the index changed when it is asked next, and hold nothing open till then."""
        self._looked = False
        self.database.close()


class PodmanStorages:
    """All storages that containers were found in, each read once however many there are."""

    def __init__(self) -> None:
        self._storages: dict[Path, PodmanStorage] = {}

    def get(self, folder: Path) -> PodmanStorage:
        """The storage whose containers have their folders in this one."""
        return self._storages.setdefault(folder, PodmanStorage(folder))

    def close(self) -> None:
        """The end of a look: nothing is held open, and the next one looks anew."""
        for storage in self._storages.values():
            storage.close()


class PodmanContainer:
    """A container of podman's."""

    def __init__(
        self,
        container_id: str,
        record: ContainerRecord,
        storages: PodmanStorages,
        processes: EngineProcesses,
    ) -> None:
        self._id = container_id
        self._record = record
        self._storage = storages.get(Path(record.bundle).parent.parent)
        self._processes = processes

    def stamp(self) -> object:
        """The name in the index; of one that is not in it (`--rm` in newer ones) the database's."""
        stored = self._storage.stored(self._id)
        return stored.names if stored else self._storage.database.stamp()

    def facts(self) -> ContainerFacts:
        """The facts, each from the first that has it."""
        stored = self._storage.stored(self._id) or _Stored(id=self._id)
        found = self._storage.database.record(self._id)
        known = found or PodmanRecord()
        monitor = self._processes.monitor(self._id)
        return ContainerFacts(
            engine="podman",
            name=next(iter(stored.names or []), "")
            or known.name
            or (monitor.name if monitor else "")
            or self._id,
            image=known.image or _image(stored.metadata),
            labels=known.labels,
            pod=known.pod,
            sandbox=known.infra,
            runtime_path=program_path(monitor.runtime if monitor else "", self._record.runtime),
            restarts=known.restarts,
            told=found is not None,
        )


def _read_index(path: Path) -> dict[str, _Stored]:
    try:
        found = msgspec.json.decode(read_file(path, _LIMIT), type=list[_Stored])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return {each.id: each for each in found}


def _image(metadata: str) -> str:
    try:
        return msgspec.json.decode(metadata, type=_Metadata).image_name
    except (msgspec.DecodeError, RecursionError):
        return ""
