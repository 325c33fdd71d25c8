"""The containers of the host, one a line."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from runtime.model import ContainerInfo, ContainerState, SessionInfo
from widgets import wording
from widgets.columns import Column
from widgets.record_table import Cell, RecordTable, Row

COLUMNS = (
    Column("name", "NAME", 10, 40, grow=True),
    Column("engine", "ENGINE", 6, 10, importance=6),
    Column("image", "IMAGE", 8, 40, importance=1),
    Column("group", "POD/PROJECT", 11, 32, importance=3),
    Column("runtime", "RUNTIME", 7, 16, importance=2),
    Column("state", "STATE", 9, 12),
    Column("pid", "PID", 6, 8, importance=5, right=True),
    Column("sessions", "SESSIONS", 8, 8, importance=7, right=True),
    Column("age", "AGE", 4, 5, importance=4, right=True),
)

# Columns that are left out where no container has anything to say in them.
_SOMETIMES = {"image", "group"}
_ALWAYS = {column.key for column in COLUMNS} - _SOMETIMES

_LOOKS = {
    ContainerState.RUNNING: "good",
    ContainerState.PAUSED: "warn",
    ContainerState.CREATED: "info",
    ContainerState.STOPPED: "muted",
}

_ORDER = (
    ContainerState.RUNNING,
    ContainerState.PAUSED,
    ContainerState.CREATED,
    ContainerState.STOPPED,
)


@dataclasses.dataclass(frozen=True, slots=True)
class _Made:
    """A row, what it was made of, and where it belongs."""

    container: ContainerInfo
    sessions: int
    age: str
    place: tuple[int, str, str]
    row: Row


class ContainerTable(RecordTable):
    """The table of containers; rows are known by `ContainerInfo.key`."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, id="containers")
        self._made: dict[str, _Made] = {}

    def show(
        self, containers: Sequence[ContainerInfo], sessions: Sequence[SessionInfo], now: float
    ) -> None:
        """Show these containers, the living ones first, with the number of running sessions."""
        running = Counter(session.container_key for session in sessions if session.has_process)
        made = [self._make(each, running[each.key], now) for each in containers]
        self._made = {each.row.key: each for each in made}
        rows = [each.row for each in sorted(made, key=lambda each: each.place)]
        said = {key for row in rows for key in _SOMETIMES if row.cells[key].text}
        self.columns = tuple(each for each in COLUMNS if each.key in said.union(_ALWAYS))
        self.set_rows(rows)

    def _make(self, container: ContainerInfo, sessions: int, now: float) -> _Made:
        """The row of before where nothing is different: hundreds of rows come every second.

        A container that is as it was is the same object as before.
        """
        age = wording.age(now - container.created) if container.created else ""
        before = self._made.get(container.key)
        if (
            before is not None
            and before.container is container
            and (before.sessions, before.age) == (sessions, age)
        ):
            return before
        row = _row(container, sessions, age)
        return _Made(container, sessions, age, _place(container), row)


def _place(container: ContainerInfo) -> tuple[int, str, str]:
    return _ORDER.index(container.state), wording.container_label(container), container.key


def _name(container: ContainerInfo) -> str:
    note = " (demo)" if container.demo else ""
    return wording.printable(wording.container_label(container)) + note


def _state(container: ContainerInfo) -> str:
    return wording.container_state_label(container.state, restarting=container.restarting)


def _row(container: ContainerInfo, sessions: int, age: str) -> Row:
    look = "warn" if container.restarting else _LOOKS[container.state]
    dim = "muted" if container.state is ContainerState.STOPPED else ""
    return Row(
        container.key,
        {
            "name": Cell(_name(container), dim or "strong"),
            "engine": Cell(container.engine, dim),
            "image": Cell(wording.printable(wording.image_label(container.image)), "muted"),
            "group": Cell(wording.printable(wording.container_group(container)), dim),
            "runtime": Cell(container.runtime, dim),
            "state": Cell(_state(container), look),
            "pid": Cell(str(container.pid) if container.pid else "-", dim),
            "sessions": Cell(str(sessions) if sessions else "·", "strong" if sessions else "muted"),
            "age": Cell(age, "muted"),
        },
    )
