"""Every container of the given runtime roots, and the state each is in now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from runtime.discovery.state_files import (
    CRUN_FILE,
    DEMO_ANNOTATION,
    RUNC_FILE,
    read_record,
)
from runtime.kernel.cgroup import is_frozen
from runtime.kernel.proc import is_alive
from runtime.model import ContainerInfo, ContainerState
from runtime.oci.container import ContainerRecord

# containers/common and CRI-O mark what they made with this annotation.
_MANAGER_ANNOTATION = "io.container.manager"
_MANAGERS = {"libpod": "podman", "cri-o": "cri-o"}

_Stamp = tuple[int, int, int]


class ContainerFinder:
    """Lists containers; a record is read again only when its file changed."""

    def __init__(self, roots: Sequence[str]) -> None:
        self.roots = list(roots)
        self._records: dict[Path, tuple[_Stamp, ContainerRecord]] = {}

    def find(self) -> tuple[list[ContainerInfo], list[str]]:
        """All containers, by creation time, and sentences about what could not be read."""
        found: list[ContainerInfo] = []
        problems: list[str] = []
        seen: set[Path] = set()
        for root in self.roots:
            for folder in _folders(root, problems):
                seen.add(folder)
                container = self._container(root, folder, problems)
                if container is not None:
                    found.append(container)
        for gone in self._records.keys() - seen:
            del self._records[gone]
        return sorted(found, key=lambda each: (each.created or 0, each.id)), problems

    def record(self, container: ContainerInfo) -> ContainerRecord | None:
        """The runtime's record of a container that `find` or `refresh` told of."""
        return self._record(Path(container.root) / container.id, [])

    def refresh(self, root: str, container_id: str) -> ContainerInfo | None:
        """The container as it is now, None when its runtime has no record of it (any more)."""
        return self._container(root, Path(root) / container_id, [])

    def _container(self, root: str, folder: Path, problems: list[str]) -> ContainerInfo | None:
        record = self._record(folder, problems)
        return None if record is None else _describe(root, folder, record)

    def _record(self, folder: Path, problems: list[str]) -> ContainerRecord | None:
        try:
            stamp = _stamp(folder)
            if stamp is None:
                return None
            known = self._records.get(folder)
            if known is None or known[0] != stamp:
                record = read_record(folder)
                if record is None:
                    return None
                known = self._records[folder] = (stamp, record)
            return known[1]
        except PermissionError:
            problems.append(f"not allowed to read {folder}; run exectop as its owner or as root")
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            problems.append(f"cannot make sense of the container state in {folder}: {error}")
        return None


def _folders(root: str, problems: list[str]) -> Iterator[Path]:
    try:
        yield from sorted(entry for entry in Path(root).iterdir() if entry.is_dir())
    except FileNotFoundError:
        return  # that runtime has made no container here
    except OSError as error:
        problems.append(f"cannot list the runtime root {root}: {error.strerror}")


def _stamp(folder: Path) -> _Stamp | None:
    for name in (RUNC_FILE, CRUN_FILE):
        try:
            found = (folder / name).stat()
        except FileNotFoundError:
            continue
        return found.st_ino, found.st_mtime_ns, found.st_size
    return None


def _describe(root: str, folder: Path, record: ContainerRecord) -> ContainerInfo:
    manager = record.annotations.get(_MANAGER_ANNOTATION, "")
    state = _state(folder, record)
    return ContainerInfo(
        id=folder.name,
        name=folder.name,
        engine=_MANAGERS.get(manager, record.runtime),
        runtime=record.runtime,
        root=root,
        bundle=record.bundle,
        state=state,
        init=None if state is ContainerState.STOPPED else record.init,
        created=record.created,
        demo=record.annotations.get(DEMO_ANNOTATION) == "true",
    )


def _state(folder: Path, record: ContainerRecord) -> ContainerState:
    # As runc's (libcontainer runType) and crun's own status do: the FIFO that `start` opens
    # stands until the container is started.
    if record.init is None or not is_alive(record.init):
        return ContainerState.STOPPED
    if (folder / "exec.fifo").exists():
        return ContainerState.CREATED
    return ContainerState.PAUSED if is_frozen(record.init.pid) else ContainerState.RUNNING
