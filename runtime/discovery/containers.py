"""Every container of this host, whatever engine made it, and the state each is in now.

Looking costs two stat(2) a container, one poll for all their processes and one read for those that
may be frozen; a file is read again only when it changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from runtime.discovery.docker_daemon import DockerDaemon
from runtime.discovery.docker_restarts import DockerRestarts
from runtime.discovery.engine_processes import EngineProcesses
from runtime.discovery.engine_sockets import EngineSockets
from runtime.discovery.folder_names import FolderNames
from runtime.discovery.known_container import KnownContainer
from runtime.discovery.names import ContainerNames
from runtime.discovery.roots import (
    RuntimeRoot,
    RuntimeRoots,
    default_roots,
    makeshift_roots,
    owner_of,
)
from runtime.kernel.life import LifeWatch
from runtime.kernel.proc import is_alive
from runtime.model import ContainerInfo
from runtime.oci.container import ContainerRecord


class ContainerFinder:
    """Lists containers, and knows those it has listed. Close it in the end."""

    def __init__(self, roots: Sequence[str] = ()) -> None:
        """`roots` are the only places to look in, `*` in one is any name; none means all usual
        ones, and those that running engines tell of. Nothing is opened yet.
        """
        self._given = list(roots)
        self._listings = FolderNames()
        self._roots = RuntimeRoots(self._listings)
        self._processes = EngineProcesses()
        self._names = ContainerNames(self._processes)
        self._restarts = DockerRestarts(self._listings)
        self._life = LifeWatch()
        self._makeshift: list[str] | None = None
        self._known: dict[str, dict[str, KnownContainer]] = {}
        self._waiting: list[ContainerInfo] = []
        self._sockets = EngineSockets(self._processes.sockets)
        self._watched: list[str] = []

    def find(self, pids: Mapping[int, int] | None = None) -> tuple[list[ContainerInfo], list[str]]:
        """All containers, by creation time, and sentences about what could not be read.

        `pids` is what `ProcFolder.pids` gives, for whoever has it already. A container that is as
        it was is the same object as before.
        """
        self._processes.begin_look(pids)
        problems: list[str] = []
        patterns = self._patterns()
        roots = self._roots.find(patterns)
        self._forget_roots({root.path for root in roots})
        known = [each for root in roots for each in self._in_root(root, problems)]
        inits = [each.record.init for each in known if each.record and each.record.init]
        living = self._life.living(inits)
        found = [
            each.describe(alive=each.record is not None and each.record.init in living)
            for each in known
        ]
        self._waiting = self._find_waiting(roots, found)
        self._names.end_look()
        self._watched = [*patterns, *self._listings.take_asked()]
        found += self._waiting
        return sorted(found, key=lambda each: (each.created or 0, each.id)), problems

    def folders(self) -> list[Path]:
        """What to watch for changes: as of the last `find`, some of it may not be there yet."""
        listed = [Path(each) for each in dict.fromkeys(self._watched) if "*" not in each]
        return [*listed, *(each.folder for each in self._all_known())]

    def docker_daemons(self) -> list[DockerDaemon]:
        """The Docker daemons that run, as of the last `find`."""
        return self._processes.daemons()

    def monitors(self) -> dict[int, int]:
        """The conmons that run, as of the last `find`: their pids with the folders' inodes."""
        return self._processes.monitors()

    def record(self, container: ContainerInfo) -> ContainerRecord | None:
        """The runtime's record of a container that `find` or `refresh` told of."""
        known = self._get(container.root, container.id)
        return None if known is None else known.record

    def refresh(self, root: str, container_id: str) -> ContainerInfo | None:
        """The container as it is now, None when its runtime has no record of it (any more)."""
        self._processes.begin_look()
        known = self._get(root, container_id)
        if known is None or known.record is None:
            waiting = (each for each in self._waiting if each.root == root)
            return next((each for each in waiting if each.id == container_id), None)
        found = known.describe(alive=is_alive(known.record.init))
        self._names.end_look()
        return found

    def has_questions(self) -> bool:
        """Whether an engine knows more of a container than its files told, and was not asked."""
        return bool(self._sockets.unasked(self._untold()))

    async def ask_engines(self) -> bool:
        """Ask engines' sockets for that, a second at most; whether the next `find` knows more."""
        return await self._sockets.ask(self._untold())

    def _untold(self) -> list[tuple[str, str]]:
        return [(each.untold, each.folder.name) for each in self._all_known() if each.untold]

    def close(self) -> None:
        """Close what is kept open."""
        self._processes.close()
        self._life.close()
        for each in self._all_known():
            each.close()

    def _patterns(self) -> list[str]:
        if self._given:
            return self._given
        if self._makeshift is None:
            found = (self._listings.expand(each) for each in makeshift_roots())
            self._makeshift = [path for paths in found for path in paths]
            self._listings.take_asked()
        return [*default_roots(), *self._processes.patterns(), *self._makeshift]

    def _in_root(self, root: RuntimeRoot, problems: list[str]) -> Iterator[KnownContainer]:
        try:
            names = self._listings.list(root.path)
        except FileNotFoundError:
            names = []  # it vanished meanwhile
        except OSError as error:
            problems.append(f"cannot list the runtime root {root.path}: {error.strerror}")
            names = []
        before = self._known.get(root.path, {})
        here = self._known[root.path] = {
            name: self._kept(before.pop(name, None), root, name) for name in names
        }
        for gone in before.values():
            gone.close()
        unread: list[str] = []
        yield from (each for each in here.values() if _read(each, unread) is not None)
        problems += _summary(unread)

    def _kept(self, known: KnownContainer | None, root: RuntimeRoot, name: str) -> KnownContainer:
        if known is not None and known.root == root:
            return known
        if known is not None:
            known.close()
        return KnownContainer(Path(root.path, name), root, self._names, self._sockets.told)

    def _all_known(self) -> Iterator[KnownContainer]:
        return (each for root in self._known.values() for each in root.values())

    def _forget_roots(self, paths: set[str]) -> None:
        for path in self._known.keys() - paths:
            for each in self._known.pop(path).values():
                each.close()

    def _get(self, root: str, container_id: str) -> KnownContainer | None:
        known = self._known.get(root, {}).get(container_id)
        try:
            if known is None:
                found = RuntimeRoot(path=root, owner=owner_of(Path(root)))
                known = KnownContainer(
                    Path(root, container_id), found, self._names, self._sockets.told
                )
                self._known.setdefault(root, {})[container_id] = known
        except OSError:
            return None
        _read(known, [])
        return known

    def _find_waiting(
        self, roots: list[RuntimeRoot], found: list[ContainerInfo]
    ) -> list[ContainerInfo]:
        if self._given:
            return []
        return self._restarts.waiting(self._processes.daemons(), roots, {each.id for each in found})


def _read(known: KnownContainer, problems: list[str]) -> ContainerRecord | None:
    try:
        return known.read()
    except PermissionError:
        problems.append(f"not allowed to read {known.folder}; run exectop as its owner or as root")
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problems.append(f"cannot make sense of the container state in {known.folder}: {error}")
    return None


def _summary(problems: list[str]) -> list[str]:
    """One sentence for a root, however many of its containers cannot be read."""
    if len(problems) < 2:
        return problems
    return [f"{problems[0]} (and {len(problems) - 1} more there)"]
