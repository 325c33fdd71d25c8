"""All that is known of the selected container or session, for windows with room for it."""

from __future__ import annotations

import time

from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from runtime.model import ContainerInfo, ExecState, SessionInfo
from widgets import wording

Fact = tuple[str, str]


class SessionDetail(Static):
    """Names and values, one a line.

    As large as its panel, whatever it says: a length of time in it changes every second, and a
    new layout each time would cost more than all the rest of a refresh.
    """

    DEFAULT_CSS = "SessionDetail { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__("", id="detail", markup=False)
        self.facts: list[Fact] = []

    def show_session(self, session: SessionInfo, now: float) -> None:
        """Show a session."""
        self._show(session_facts(session, now))

    def show_container(self, container: ContainerInfo, sessions: int, now: float) -> None:
        """Show a container."""
        self._show(container_facts(container, sessions, now))

    def show_nothing(self) -> None:
        """Nothing is selected."""
        self._show([])

    def _show(self, facts: list[Fact]) -> None:
        if facts == self.facts:
            return
        self.facts = facts
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in facts:
            table.add_row(name, Text(wording.printable(value)))
        self.update(table, layout=False)


def session_facts(session: SessionInfo, now: float) -> list[Fact]:
    """What there is to say of a session."""
    facts = [
        ("id", session.id[:16] + ("…" if len(session.id) > 16 else "")),
        ("container", session.container_name),
        ("command", wording.command_line(session.command)),
        ("state", wording.session_state_label(session)),
        *(("stuck", f"{each.detail} ({each.certainty.value})") for each in session.stuck),
        ("user", session.user or "the container's"),
        ("terminal", "yes" if session.tty else "no"),
        ("pid", str(session.pid) if session.pid else "none"),
        ("created", clock(session.created)),
    ]
    if session.started is not None:
        end = session.finished if session.finished is not None else now
        facts.append(
            ("ran for" if session.finished else "runs for", wording.duration(end - session.started))
        )
    if session.state is ExecState.STOPPED:
        code = session.exit_code
        facts.append(("exit code", "lost" if code is None else str(code)))
    facts.append(("viewers", str(session.attached)))
    facts.append(("made by", session.origin))
    if session.orphaned:
        facts.append(("warning", "its monitor died, its process lives on: stop ends it"))
    return facts


def container_facts(container: ContainerInfo, sessions: int, now: float) -> list[Fact]:
    """What there is to say of a container."""
    facts = [
        ("name", wording.container_label(container)),
        ("id", wording.short_id(container.id)),
        ("made by", container.engine + (" (demo)" if container.demo else "")),
        ("runtime", container.runtime),
        (
            "state",
            wording.container_state_label(container.state, restarting=container.restarting),
        ),
        ("pid", str(container.pid) if container.pid else "none"),
        ("sessions", str(sessions)),
    ]
    facts += [(name, value) for name, value in _engine_facts(container) if value]
    if container.created is not None:
        facts.append(("created", clock(container.created)))
        facts.append(("age", wording.duration(now - container.created)))
    facts.append(("root", container.root))
    facts.append(("bundle", container.bundle))
    return facts


def _engine_facts(container: ContainerInfo) -> list[Fact]:
    """What only some engines tell, or only of some containers; "" where there is nothing."""
    return [
        ("image", container.image),
        ("pod", container.pod + (" (holds it)" if container.sandbox else "")),
        ("project", container.compose_project),
        ("namespace", container.namespace),
        ("restarts", str(container.restarts or "")),
        ("user", str(container.owner or "")),
    ]


def clock(moment: float) -> str:
    """A point in time as date and time of this place."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
