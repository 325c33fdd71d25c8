"""The containers of the host, one a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from runtime.model import ContainerInfo, ContainerState, SessionInfo
from widgets import wording
from widgets.columns import Column
from widgets.record_table import Cell, RecordTable, Row

COLUMNS = (
    Column("name", "NAME", 10, 40, grow=True),
    Column("runtime", "RUNTIME", 7, 16, importance=3),
    Column("state", "STATE", 9, 9),
    Column("pid", "PID", 6, 8, importance=4, right=True),
    Column("sessions", "SESSIONS", 8, 8, importance=5, right=True),
    Column("age", "AGE", 4, 5, importance=2, right=True),
)

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


class ContainerTable(RecordTable):
    """The table of containers; rows are known by `ContainerInfo.key`."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, id="containers")

    def show(
        self, containers: Sequence[ContainerInfo], sessions: Sequence[SessionInfo], now: float
    ) -> None:
        """Show these containers, the living ones first, with the number of running sessions."""
        running = Counter(session.container_key for session in sessions if session.has_process)
        ordered = sorted(containers, key=_place)
        self.set_rows([_row(container, running[container.key], now) for container in ordered])


def _place(container: ContainerInfo) -> tuple[int, str, str]:
    return _ORDER.index(container.state), wording.container_label(container), container.key


def _name(container: ContainerInfo) -> str:
    note = " (demo)" if container.demo else ""
    return wording.printable(wording.container_label(container)) + note


def _row(container: ContainerInfo, sessions: int, now: float) -> Row:
    look = _LOOKS[container.state]
    dim = "muted" if container.state is ContainerState.STOPPED else ""
    age = wording.age(now - container.created) if container.created else ""
    return Row(
        container.key,
        {
            "name": Cell(_name(container), dim or "strong"),
            "runtime": Cell(container.runtime, dim),
            "state": Cell(wording.container_state_label(container.state), look),
            "pid": Cell(str(container.pid) if container.pid else "-", dim),
            "sessions": Cell(str(sessions) if sessions else "·", "strong" if sessions else "muted"),
            "age": Cell(age, "muted"),
        },
    )
