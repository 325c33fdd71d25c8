"""The first screen: containers above, exec sessions below, details beside them if there is room."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer, Input

from app.filtering import matching_containers, matching_sessions
from app.keymap import MOVE_KEYS, PROGRAM_KEYS, SESSION_KEYS, bindings
from app.screens.wanted import (
    AttachWanted,
    CleanupWanted,
    ExecWanted,
    RefreshWanted,
    RemoveWanted,
    ShellWanted,
    StopWanted,
)
from app.summary import headline_parts
from runtime.model import ContainerInfo, ExecState, Overview, SessionInfo, StopStep
from widgets.container_table import ContainerTable
from widgets.empty_state import EmptyState
from widgets.record_table import RecordTable
from widgets.session_detail import SessionDetail
from widgets.session_table import SessionTable
from widgets.status_line import StatusLine

_NEEDS_SESSION = {"stop", "remove", "cleanup"}
_NEEDS_CONTAINER = {"shell", "exec"}


class MainScreen(Screen[None]):
    """Lists what there is and turns keys into requests, which the app carries out."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(SESSION_KEYS + MOVE_KEYS + PROGRAM_KEYS)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (124, "-wide")]  # noqa: RUF012 - Textual's way
    AUTO_FOCUS = "#containers"

    def __init__(self, places: str) -> None:
        super().__init__(id="main")
        self._places = places
        self._overview: Overview | None = None
        self._stops: Mapping[str, StopStep] = {}
        self._filter = ""
        self._select_when_listed = ""

    def compose(self) -> ComposeResult:
        """A headline, the two tables, the details, the filter, the keys."""
        yield StatusLine(id="headline")
        with Horizontal(id="body"):
            with Vertical(id="lists"):
                with Vertical(id="containers-panel", classes="panel"):
                    yield ContainerTable()
                    yield EmptyState(id="no-containers")
                with Vertical(id="sessions-panel", classes="panel"):
                    yield SessionTable()
                    yield EmptyState(id="no-sessions")
            with Vertical(id="detail-panel", classes="panel"):
                yield SessionDetail()
        yield Input(id="filter", placeholder="name, id, command, user …", compact=True)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Nothing is known yet: say so."""
        self.query_one("#containers-panel").border_title = "containers"
        self.query_one("#sessions-panel").border_title = "sessions"
        self.query_one("#no-containers", EmptyState).show("looking for containers …")
        self.query_one("#no-sessions", EmptyState).show("")
        self.query_one("#filter", Input).display = False
        self._show_tables(False, False)
        self.query_one(StatusLine).show(headline_parts(None))

    # -- what is shown

    def show(self, overview: Overview, stops: Mapping[str, StopStep]) -> None:
        """Show this overview, and how far the stops in `stops` are."""
        self._overview, self._stops = overview, stops
        now = overview.taken or time.time()
        containers = matching_containers(overview.containers, self._filter)
        sessions = matching_sessions(overview.sessions, self._filter)
        self._show_tables(bool(containers), bool(sessions))
        self._teach(overview)
        self.query_one(ContainerTable).show(containers, overview.sessions, now)
        self.query_one(SessionTable).show(sessions, stops, now)
        self.query_one(StatusLine).show(headline_parts(overview))
        self._show_titles(len(containers), len(sessions))
        self._select_listed()
        self._show_detail()
        self.refresh_bindings()

    def select_session(self, session_id: str) -> None:
        """Select that session and give its table the keys, as soon as it is listed."""
        self._select_when_listed = session_id
        self._select_listed()

    def _select_listed(self) -> None:
        table = self.query_one(SessionTable)
        if self._select_when_listed and table.select(self._select_when_listed):
            self._select_when_listed = ""
            table.focus()

    def _show_tables(self, containers: bool, sessions: bool) -> None:
        for selector, shown in (("containers", containers), ("sessions", sessions)):
            self.query_one(f"#{selector}").display = shown
            self.query_one(f"#no-{selector}").display = not shown
        if self.focused is None or not self.focused.display:
            first = next((table for table in self.query(RecordTable) if table.display), None)
            self.set_focus(first)

    def _teach(self, overview: Overview) -> None:
        """What stands in place of an empty table."""
        if self._filter:
            for name in ("containers", "sessions"):
                empty = self.query_one(f"#no-{name}", EmptyState)
                empty.show(f"nothing among the {name} contains “{self._filter}”", "esc shows all")
            return
        self.query_one("#no-containers", EmptyState).show(
            "no container found",
            f"looked in {self._places}",
            *overview.problems,
            "",
            "exectop demo  starts a small one to try things with",
            "EXECTOP_ROOTS or --root  looks elsewhere",
        )
        self.query_one("#no-sessions", EmptyState).show(
            "no exec session",
            "s  opens a shell in the selected container" if overview.containers else "",
            "e  runs any command there" if overview.containers else "",
        )

    def _show_titles(self, containers: int, sessions: int) -> None:
        note = f" · “{self._filter}”" if self._filter else ""
        for name, count in (("containers", containers), ("sessions", sessions)):
            panel = self.query_one(f"#{name}-panel")
            panel.border_title = name + note
            panel.border_subtitle = str(count) if count else ""

    def _show_detail(self) -> None:
        detail = self.query_one(SessionDetail)
        overview = self._overview
        now = (overview.taken if overview else 0.0) or time.time()
        if self._in_sessions and (session := self.session) is not None:
            self.query_one("#detail-panel").border_title = "session"
            detail.show_session(session, now)
        elif overview and (container := self._selected_container) is not None:
            self.query_one("#detail-panel").border_title = "container"
            running = sum(
                session.container_key == container.key and session.state is ExecState.RUNNING
                for session in overview.sessions
            )
            detail.show_container(container, running, now)
        else:
            self.query_one("#detail-panel").border_title = ""
            detail.show_nothing()

    # -- what is selected

    @property
    def _in_sessions(self) -> bool:
        return isinstance(self.focused, SessionTable)

    @property
    def session(self) -> SessionInfo | None:
        """The selected session."""
        key = self.query_one(SessionTable).selected_key
        sessions = self._overview.sessions if self._overview else []
        return next((session for session in sessions if session.id == key), None)

    @property
    def _selected_container(self) -> ContainerInfo | None:
        return self._container(self.query_one(ContainerTable).selected_key)

    @property
    def container(self) -> ContainerInfo | None:
        """The selected container; with the keys in the sessions, the selected session's."""
        if self._in_sessions and (session := self.session) is not None:
            return self._container(session.container_key)
        return self._selected_container

    def _container(self, key: str | None) -> ContainerInfo | None:
        containers = self._overview.containers if self._overview else []
        return next((container for container in containers if container.key == key), None)

    def _session_to_attach(self) -> SessionInfo | None:
        """The selected session; with the keys in the containers, the newest running one there."""
        if self._in_sessions:
            return self.session
        container, overview = self._selected_container, self._overview
        if container is None or overview is None:
            return None
        running = [
            session
            for session in overview.sessions
            if session.container_key == container.key and session.state is ExecState.RUNNING
        ]
        return max(running, key=lambda session: session.created, default=None)

    # -- keys

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Keys that have nothing to act on are shown dimmed."""
        if not self.is_mounted or not self.query(SessionTable):
            return True
        if action in _NEEDS_SESSION:
            return True if self._in_sessions and self.session else None
        if action in _NEEDS_CONTAINER:
            return True if self.container else None
        if action == "attach":
            session = self._session_to_attach()
            return True if session and session.state is ExecState.RUNNING else None
        return True

    def action_open(self) -> None:
        """A shell in the container, or back to the session."""
        if self._in_sessions:
            if (session := self.session) is not None:
                self.post_message(AttachWanted(session))
        else:
            self.action_shell()

    def action_shell(self) -> None:
        """A shell in the container."""
        if (container := self.container) is not None:
            self.post_message(ShellWanted(container))

    def action_exec(self) -> None:
        """The form for any command."""
        if (container := self.container) is not None:
            self.post_message(ExecWanted(container))

    def action_attach(self) -> None:
        """Back to the session."""
        if (session := self._session_to_attach()) is not None:
            self.post_message(AttachWanted(session))

    def action_stop(self) -> None:
        """Stop the session."""
        if (session := self.session) is not None:
            self.post_message(StopWanted(session))

    def action_remove(self) -> None:
        """Remove the session, after asking."""
        if (session := self.session) is not None:
            self.post_message(RemoveWanted(session))

    def action_cleanup(self) -> None:
        """Clear what an ended session left."""
        if (session := self.session) is not None:
            self.post_message(CleanupWanted(session))

    def action_refresh_now(self) -> None:
        """Look again now."""
        self.post_message(RefreshWanted())

    async def action_row(self, move: str) -> None:
        """Move the selection of the table that has the keys."""
        if isinstance(self.focused, RecordTable):
            await self.focused.run_action(move)

    @on(RecordTable.Chosen)
    def _chosen(self) -> None:
        self.action_open()

    @on(RecordTable.Highlighted)
    def _highlighted(self) -> None:
        self._show_detail()
        self.refresh_bindings()

    def on_descendant_focus(self) -> None:
        """Which table has the keys decides what the keys do."""
        if self._overview is not None:
            self._show_detail()
        self.refresh_bindings()

    # -- the filter

    def action_filter(self) -> None:
        """Ask for a text; only what contains it is shown."""
        box = self.query_one("#filter", Input)
        box.display = True
        box.focus()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        self._filter = event.value.strip()
        if self._overview is not None:
            self.show(self._overview, self._stops)

    @on(Input.Submitted, "#filter")
    def _filter_taken(self) -> None:
        box = self.query_one("#filter", Input)
        box.display = bool(self._filter)
        self._focus_first_table()

    def key_escape(self) -> None:
        """Show everything again."""
        box = self.query_one("#filter", Input)
        box.value = ""
        box.display = False
        if not isinstance(self.focused, RecordTable):
            self._focus_first_table()

    def _focus_first_table(self) -> None:
        table = next((table for table in self.query(RecordTable) if table.display), None)
        self.set_focus(table)
