"""One container's folder: what was read of it is kept until something in it changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from runtime.discovery.engine_sockets import Told, completed
from runtime.discovery.facts import ContainerFacts, NamedContainer
from runtime.discovery.names import ContainerNames
from runtime.discovery.roots import RuntimeRoot
from runtime.discovery.state_files import CRUN_FILE, DEMO_ANNOTATION, RUNC_FILE, read_record
from runtime.kernel import stamps
from runtime.kernel.cgroup import Freezer
from runtime.model import ContainerInfo, ContainerState
from runtime.oci.container import ContainerRecord

_FIFO = "exec.fifo"


class KnownContainer:
    """A container's folder below a runtime's root."""

    def __init__(
        self, folder: Path, root: RuntimeRoot, names: ContainerNames, told: Mapping[str, Told]
    ) -> None:
        """`told` is what engines' sockets told, by id; it may grow."""
        self.folder = folder
        self.root = root
        self.record: ContainerRecord | None = None
        self._names = names
        self._told = told
        self._files = [folder / name for name in (RUNC_FILE, CRUN_FILE)]
        self._fifo = folder / _FIFO
        self._stamp: stamps.Stamp | None = None
        self._folder_changed: int | None = None
        self._waits = False
        self._named: NamedContainer | None = None
        self._facts: ContainerFacts | None = None
        self._facts_stamp: object = None
        self._facts_read = 0
        self._changed = 0
        self._freezer: Freezer | None = None
        self._info: ContainerInfo | None = None
        self._described: ContainerFacts | None = None

    def read(self) -> ContainerRecord | None:
        """The runtime's record as it is now, None where there is none (yet, or any more).

        Raises OSError and msgspec.DecodeError (and what else JSON may raise) for a record that
        cannot be read. One that is being written just now keeps what was known before.
        """
        read = stamps.now()
        file = self._file_stamp()
        if file is None:
            self._forget()
            return None
        try:
            if self._stamp != file:
                self._read_again(file)
                self._stamp = file if stamps.is_settled(file[1], read) else None
            self._look_for_fifo(read)
        except FileNotFoundError:
            self._forget()  # it vanished meanwhile
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if stamps.is_settled(file[1], read):
                self._forget()
                raise
        return self.record

    def _file_stamp(self) -> stamps.Stamp | None:
        for file in self._files:
            try:
                return stamps.stamp(file)
            except FileNotFoundError:
                continue
        return None

    def _read_again(self, file: stamps.Stamp) -> None:
        record = read_record(self.folder)
        if record is None:
            self._forget()
        elif record != self.record:
            self.close()
            self.record = record
            self._named = self._names.open(self.folder.name, record)
            self._facts = None
        self._changed = file[1]

    def _look_for_fifo(self, read: int) -> None:
        """As runc's (libcontainer runType) and crun's own status do.

        The FIFO that `start` opens stands until the container is started. The folder changes with
        each exec of runc's, too, its record does not.
        """
        changed = self.folder.stat().st_mtime_ns
        if changed != self._folder_changed:
            self._waits = self._fifo.exists()
            self._folder_changed = changed if stamps.is_settled(changed, read) else None

    def _forget(self) -> None:
        self.close()
        self.record = self._named = self._facts = self._stamp = self._info = None
        self._folder_changed = None

    def close(self) -> None:
        """Close what is kept open."""
        if self._freezer is not None:
            self._freezer.close()
            self._freezer = None

    def describe(self, *, alive: bool) -> ContainerInfo:
        """The container as it is now; the same object as before where nothing is different.

        To be called after `read` gave a record; `alive` is whether its first process is.
        """
        assert self.record is not None
        facts, state = self._current_facts(), self._state(alive)
        known = self._info
        if known is not None and known.state is state and facts is self._described:
            return known
        self._described = facts
        self._info = _describe(self.folder.name, self.root, self.record, facts, state)
        return self._info

    def _current_facts(self) -> ContainerFacts:
        assert self._named is not None
        now, stamp = stamps.now(), self._named.stamp()
        # Engines write down what they know shortly before and after they start a container.
        settled = stamps.is_settled(self._changed, self._facts_read)
        facts = self._facts
        if facts is None or stamp != self._facts_stamp or not settled:
            facts = self._named.facts()
            self._facts_stamp, self._facts_read = stamp, now
        told = self._told.get(self.folder.name)
        if told is not None and not facts.told:
            facts = completed(facts, told)
        if self._facts is None or facts != self._facts:
            self._facts = facts
        return self._facts

    @property
    def untold(self) -> str:
        """The engine that knows more than its files told, "" for none."""
        return self._facts.engine if self._facts is not None and not self._facts.told else ""

    def _state(self, alive: bool) -> ContainerState:
        assert self.record is not None
        if self.record.init is None or not alive:
            self.close()
            return ContainerState.STOPPED
        if self._waits or self.record.waits:
            return ContainerState.CREATED
        if self._freezer is None:
            self._freezer = Freezer(self.record.init.pid)
        return ContainerState.PAUSED if self._freezer.is_frozen() else ContainerState.RUNNING


def _describe(
    container_id: str,
    root: RuntimeRoot,
    record: ContainerRecord,
    facts: ContainerFacts,
    state: ContainerState,
) -> ContainerInfo:
    return ContainerInfo(
        id=container_id,
        name=facts.name,
        engine=facts.engine,
        runtime=record.runtime,
        root=root.path,
        bundle=record.bundle,
        state=state,
        init=None if state is ContainerState.STOPPED else record.init,
        created=record.created,
        demo=record.annotations.get(DEMO_ANNOTATION) == "true",
        image=facts.image,
        labels=facts.labels,
        namespace=facts.namespace,
        pod=facts.pod,
        sandbox=facts.sandbox,
        compose_project=facts.compose_project,
        owner=root.owner,
        runtime_path=facts.runtime_path,
        restarting=facts.restarting and state is ContainerState.STOPPED,
        restarts=facts.restarts,
    )
