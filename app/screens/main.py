"""The first screen: containers above, exec sessions below, details beside them if there is room."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen, Screen
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
    TerminalsWanted,
)
from app.selection import Selection
from app.summary import headline_parts
from app.teaching import teaching
from runtime.model import ContainerInfo, Overview, SessionInfo, StopStep
from widgets.container_table import ContainerTable
from widgets.empty_state import EmptyState
from widgets.panel import Panel
from widgets.record_table import RecordTable
from widgets.session_detail import SessionDetail
from widgets.session_table import SessionTable
from widgets.status_line import StatusLine

Subject = TypeVar("Subject", ContainerInfo, SessionInfo)


class MainScreen(Screen[None]):
    """Lists what there is and turns keys into requests, which the app carries out."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(SESSION_KEYS + MOVE_KEYS + PROGRAM_KEYS)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (124, "-wide")]  # noqa: RUF012 - Textual's way
    AUTO_FOCUS = "#containers"

    def __init__(self, places: str, count_terminals: Callable[[], int]) -> None:
        super().__init__(id="main")
        self._places = places
        self._count_terminals = count_terminals
        self._overview: Overview | None = None
        self._stops: Mapping[str, StopStep] = {}
        self._filter = ""
        self._select_when_listed = ""
        self._listening = False
        self._usable: tuple[bool, ...] = ()

    def compose(self) -> ComposeResult:
        """A headline, the two tables, the details, the filter, the keys."""
        yield StatusLine(id="headline")
        with Horizontal(id="body"):
            with Vertical(id="lists"):
                with Panel(id="containers-panel"):
                    yield ContainerTable()
                    yield EmptyState(id="no-containers")
                with Panel(id="sessions-panel"):
                    yield SessionTable()
                    yield EmptyState(id="no-sessions")
            with Panel(id="detail-panel"):
                yield SessionDetail()
        yield Input(id="filter", placeholder="name, id, command, user …", compact=True)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Nothing is known yet: say so."""
        self._show_titles(0, 0)
        self.query_one("#no-containers", EmptyState).show("looking for containers …")
        self.query_one("#no-sessions", EmptyState).show("")
        self.query_one("#filter", Input).display = False
        self._show_tables(False, False)
        self.query_one(StatusLine).show(headline_parts(None))
        self._listening = True

    # -- what is shown

    def show(self, overview: Overview, stops: Mapping[str, StopStep]) -> None:
        """Show this overview, and how far the stops in `stops` are."""
        self._overview, self._stops = overview, stops
        if self._composed and (self.is_active or isinstance(self.app.screen, ModalScreen)):
            self._draw(overview, stops)

    def on_screen_resume(self) -> None:
        """What came while another screen was in front."""
        if self._overview is not None and self._composed:
            self._draw(self._overview, self._stops)

    @property
    def _composed(self) -> bool:
        """Between the mount and the end of the app; around these the parts may be missing."""
        return self.is_mounted and self._listening and self.app.is_running

    def _draw(self, overview: Overview, stops: Mapping[str, StopStep]) -> None:
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
        self._refresh_keys()

    def select_session(self, session_id: str) -> None:
        """Select that session and give its table the keys, as soon as it is listed."""
        self._select_when_listed = session_id
        if self._composed:
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
        for name, lines in teaching(overview, self._filter, self._places).items():
            self.query_one(f"#no-{name}", EmptyState).show(*lines)

    def _show_titles(self, containers: int, sessions: int) -> None:
        note = f" · “{self._filter}”" if self._filter else ""
        for name, count in (("containers", containers), ("sessions", sessions)):
            panel = self.query_one(f"#{name}-panel", Panel)
            panel.label(name + note, str(count) if count else "")

    def _show_detail(self) -> None:
        detail, panel = self.query_one(SessionDetail), self.query_one("#detail-panel", Panel)
        selection = self.selection
        now = selection.overview.taken or time.time()
        if (session := selection.session) is not None:
            panel.label("session")
            detail.show_session(session, now)
        elif (container := selection.container) is not None:
            panel.label("container")
            detail.show_container(container, len(selection.running), now)
        else:
            panel.label("")
            detail.show_nothing()

    # -- keys

    @property
    def selection(self) -> Selection:
        """What the keys act on now."""
        return Selection(
            self._overview or Overview(containers=[], sessions=[]),
            self.query_one(ContainerTable).selected_key,
            self.query_one(SessionTable).selected_key,
            isinstance(self.focused, SessionTable),
        )

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Keys that have nothing to act on are shown dimmed; back to no terminals, not at all."""
        if not self._composed:
            return True
        if action == "terminals":
            return self._count_terminals() > 0
        return True if self.selection.can(action) else None

    def _refresh_keys(self) -> None:
        """Draw the keys again only when other keys are dimmed now: it costs a whole layout."""
        selection = self.selection
        usable = (
            self._count_terminals() > 0,
            *(selection.can(action.action) for action in SESSION_KEYS),
        )
        if usable != self._usable:
            self._usable = usable
            self.refresh_bindings()

    def action_open(self) -> None:
        """A shell in the container, or back to the session."""
        if self.selection.in_sessions:
            self.action_attach()
        else:
            self.action_shell()

    def action_shell(self) -> None:
        """A shell in the container."""
        self._want(ShellWanted, self.selection.container)

    def action_exec(self) -> None:
        """The form for any command."""
        self._want(ExecWanted, self.selection.container)

    def action_attach(self) -> None:
        """Back to the session."""
        self._want(AttachWanted, self.selection.session_to_attach)

    def action_terminals(self) -> None:
        """Back to the open terminals."""
        self.post_message(TerminalsWanted())

    def action_stop(self) -> None:
        """Stop the session."""
        self._want(StopWanted, self.selection.session)

    def action_remove(self) -> None:
        """Remove the session, after asking."""
        self._want(RemoveWanted, self.selection.session)

    def action_cleanup(self) -> None:
        """Clear what an ended session left."""
        self._want(CleanupWanted, self.selection.session)

    def action_refresh_now(self) -> None:
        """Look again now."""
        self.post_message(RefreshWanted())

    def _want(self, wish: Callable[[Subject], Message], subject: Subject | None) -> None:
        if subject is not None:
            self.post_message(wish(subject))

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
        self._refresh_keys()

    def on_descendant_focus(self) -> None:
        """Which table has the keys decides what the keys do."""
        if self._overview is not None:
            self._show_detail()
        self._refresh_keys()

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
