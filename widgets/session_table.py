"""The exec sessions of the host, one a line, with the progress of a stop in the line itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from runtime.model import ExecState, SessionInfo, StopStep
from widgets import wording
from widgets.columns import Column
from widgets.record_table import Cell, RecordTable, Row

COLUMNS = (
    Column("id", "SESSION", 8, 12, ellipsis=False),
    Column("container", "CONTAINER", 9, 24, importance=8),
    Column("state", "STATE", 11, 12),
    Column("pid", "PID", 6, 8, importance=5, right=True),
    Column("tty", "TTY", 3, 3, importance=1),
    Column("user", "USER", 4, 12, importance=2),
    Column("command", "COMMAND", 16, 200, importance=9, grow=True),
    Column("age", "AGE", 3, 4, importance=4, right=True),
    Column("attached", "ATT", 3, 3, importance=6, right=True),
    Column("exit", "EXIT", 4, 4, importance=7, right=True),
)

BAR_CELLS = 5


class SessionTable(RecordTable):
    """The table of sessions; rows are known by the session's id."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, id="sessions")
        self._made: dict[str, tuple[SessionInfo, StopStep | None, str, Row]] = {}

    def show(
        self, sessions: Sequence[SessionInfo], stops: Mapping[str, StopStep], now: float
    ) -> None:
        """Show these sessions, the newest first; those in `stops` show how far the stop is."""
        ordered = sorted(sessions, key=lambda session: (-session.created, session.id))
        self._made = {
            session.id: self._make(
                session, stops.get(session.id), wording.age(now - session.created)
            )
            for session in ordered
        }
        self.set_rows([row for _, _, _, row in self._made.values()])

    def _make(
        self, session: SessionInfo, stop: StopStep | None, age: str
    ) -> tuple[SessionInfo, StopStep | None, str, Row]:
        """The row of before where nothing is different: thousands of rows come every second."""
        before = self._made.get(session.id)
        if before is not None and before[:3] == (session, stop, age):
            return before
        return session, stop, age, _row(session, stop, age)


def stop_bar(step: StopStep) -> str:
    """How much of the time before SIGKILL is left, as a bar and in seconds."""
    if step.phase == "kill":
        return "◌ KILL sent"
    share = step.remaining / step.timeout if step.timeout > 0 else 0.0
    full = max(0, min(BAR_CELLS, round(share * BAR_CELLS)))
    return f"◌ {'▰' * full}{'▱' * (BAR_CELLS - full)} {math.ceil(step.remaining)}s"


def _state(session: SessionInfo, stop: StopStep | None) -> Cell:
    if stop is not None and session.has_process:
        return Cell(stop_bar(stop), "bad" if stop.phase == "kill" else "busy")
    label = wording.session_state_label(session)
    if session.orphaned:
        return Cell(label, "warn")
    if wording.is_stuck(session):
        return Cell("! stuck", "warn")
    if session.state is ExecState.STOPPED:
        return Cell(label, "muted")
    if session.state is ExecState.CREATED:
        return Cell(label, "info")
    return Cell(label, "good")


def _row(session: SessionInfo, stop: StopStep | None, age: str) -> Row:
    dim = "" if session.has_process or session.state is ExecState.CREATED else "muted"
    return Row(
        session.id,
        {
            "id": Cell(session.id[: wording.SHORT_ID], dim or "strong"),
            "container": Cell(wording.printable(session.container_name), dim),
            "state": _state(session, stop),
            "pid": Cell(str(session.pid) if session.pid else "-", dim),
            "tty": Cell("tty" if session.tty else "-", "muted"),
            "user": Cell(wording.printable(session.user) or "-", dim),
            "command": Cell(wording.command_line(session.command), dim),
            "age": Cell(age, "muted"),
            "attached": Cell(
                str(session.attached) if session.attached else "·",
                "info" if session.attached else "muted",
            ),
            "exit": Cell(wording.exit_label(session), "bad" if session.exit_code else "muted"),
        },
    )
