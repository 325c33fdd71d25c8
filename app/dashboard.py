"""The dashboard: the Textual app that puts screens, worker and attachments together.

Screens say what is wanted, the worker tells what happened; both are routed here.
"""

from __future__ import annotations

import os
import sys
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.worker import Worker

from app import messages
from app.attachments import Attachments
from app.commands import Refresh, Remove, RunExec, Stop
from app.exec_request import ExecFormValues, exec_config
from app.farewell import farewell
from app.keymap import detach_key_names
from app.output_pump import OutputPump
from app.ports import EngineFactory
from app.questions import ask, quit_question, removal_question
from app.routing import AttachmentNews, route, route_failure
from app.screens import wanted
from app.screens.exec_form import ExecFormScreen
from app.screens.help import HelpScreen
from app.screens.main import MainScreen
from app.session_actions import SessionActions
from app.stops import Stops
from app.terminal_settings import TerminalSettings
from app.terminals import Terminals
from app.theming import Theming
from app.toasts import Toasts
from app.tuning import tune_interpreter
from app.worker import REFRESH_INTERVAL, EngineWorker
from runtime.discovery.roots import default_roots
from runtime.engine import Engine
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    Overview,
    TerminalSize,
)
from themes.palette import DEFAULT_THEME
from themes.stylesheets import stylesheet_paths
from widgets.wording import short_id

CLOSE_SECONDS = 4.0


class ExecTop(App[str], inherit_bindings=False):
    """The app. Without Textual's own bindings, as two of them would be taken from terminals."""

    TITLE = "exectop"
    CSS_PATH: ClassVar[list[str]] = stylesheet_paths()  # type: ignore[assignment]
    # Without a binding of its own for it, Textual adds one that takes ctrl+p from terminals.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", show=False),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(
        self,
        make_engine: EngineFactory,
        *,
        places: str,
        theme: str,
        terminals: TerminalSettings,
        refresh_interval: float,
        stop_timeout: float,
    ) -> None:
        # With NO_COLOR, Textual would turn colours to greys; with ansi_color it leaves them out.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.theming = Theming(self, theme, bold_is_bright=terminals.bold_is_bright)
        self.toasts = Toasts(self.notify)
        self.engine_worker = EngineWorker(
            make_engine, self.post_message, refresh_interval=refresh_interval
        )
        self.attachments = Attachments(self.engine_worker.send)
        self.overview: Overview | None = None
        self.stops = Stops()
        self._settings = terminals
        self._main = MainScreen(places, lambda: len(self.terminals.screen.panes))
        self.terminals = Terminals(
            self, self.attachments, self.toasts, terminals, self.theming.terminal_palette
        )
        self._pump = OutputPump(self.attachments, self.set_timer, self.terminals.shows)
        self._actions = SessionActions(
            self.engine_worker.send, self.toasts, self.stops, stop_timeout
        )
        self._thread: Worker[None] | None = None

    def get_default_screen(self) -> MainScreen:
        """The lists are below everything else."""
        return self._main

    def on_mount(self) -> None:
        """Start the worker."""
        self.theme_changed_signal.subscribe(self, lambda _: self.terminals.screen.repaint())
        self._thread = self.run_worker(
            self.engine_worker.run, name="engine", thread=True, exit_on_error=False
        )

    async def on_unmount(self) -> None:
        """However the app ends, the worker's thread ends too."""
        await self._end_worker()

    async def _end_worker(self) -> None:
        self.engine_worker.close()
        if self._thread is not None and not await self.engine_worker.wait_ended(CLOSE_SECONDS):
            self.log.warning("the worker's thread did not end in time")

    # -- what the screens want

    @on(wanted.ShellWanted)
    async def _open_shell(self, event: wanted.ShellWanted) -> None:
        await self.terminals.shell(event.container)

    @on(wanted.ShellBesideWanted)
    async def _open_shell_beside(self, event: wanted.ShellBesideWanted) -> None:
        containers = self.overview.containers if self.overview else []
        for container in containers:
            if container.key == event.container_key:
                await self.terminals.shell(container, event.where)
                return
        self.toasts.warning("the container is gone", "ctrl-p ctrl-q leaves the terminal")

    @on(wanted.AttachWanted)
    async def _come_back(self, event: wanted.AttachWanted) -> None:
        await self.terminals.come_back(event.session)

    @on(wanted.TerminalsWanted)
    async def _show_terminals(self) -> None:
        await self.terminals.show()

    @on(wanted.ListsWanted)
    def _show_main(self) -> None:
        self.terminals.hide()

    @on(wanted.TerminalClosed)
    def _terminal_closed(self, event: wanted.TerminalClosed) -> None:
        attachment = event.attachment
        self.terminals.closed(attachment)
        if attachment.session_id:
            self._main.select_session(attachment.session_id)
        self.engine_worker.send(Refresh())

    @on(wanted.ExecWanted)
    async def _ask_command(self, event: wanted.ExecWanted) -> None:
        container = event.container

        async def run(values: ExecFormValues | None) -> None:
            if values is not None:
                await self._run(container, values)

        await ask(self, ExecFormScreen(container), run)

    async def _run(self, container: ContainerInfo, values: ExecFormValues) -> None:
        config = exec_config(values)
        if values.detach:
            size = TerminalSize(rows=24, columns=80)
            self.engine_worker.send(RunExec(0, container, config, size, detach=True))
        else:
            await self.terminals.command(container, config)

    @on(wanted.StopWanted)
    def _stop(self, event: wanted.StopWanted) -> None:
        self._actions.stop(event.session)

    @on(wanted.RemoveWanted)
    async def _remove(self, event: wanted.RemoveWanted) -> None:
        def answered(agreed: bool | None) -> None:
            if agreed:
                self._actions.remove(event.session)

        await ask(self, removal_question(event.session), answered)

    @on(wanted.CleanupWanted)
    def _cleanup(self, event: wanted.CleanupWanted) -> None:
        self._actions.clean_up(event.session)

    @on(wanted.RefreshWanted)
    def _refresh_now(self) -> None:
        self.engine_worker.send(Refresh())

    # -- what the worker tells

    @on(messages.OverviewTaken)
    def _overview_taken(self, event: messages.OverviewTaken) -> None:
        self.overview = event.overview
        self.stops.keep_running(event.overview.sessions)
        self._show_lists()

    def _show_lists(self) -> None:
        if self.overview is not None:
            self._main.show(self.overview, self.stops.steps)

    @on(messages.StopProgressed)
    def _stop_progressed(self, event: messages.StopProgressed) -> None:
        step = event.step
        if self.stops.take(step):
            code = "" if step.exit_code is None else f" with code {step.exit_code}"
            self.toasts.news(f"session {short_id(step.session_id)} ended{code}")
        self._show_lists()

    @on(messages.Attached)
    def _attached(self, event: messages.Attached) -> None:
        for remark in event.remarks:
            self.toasts.warning(remark)

    @on(messages.Attached)
    @on(messages.OutputArrived)
    @on(messages.ReplaySize)
    @on(messages.ReplayDone)
    @on(messages.AttachmentEnded)
    @on(messages.Detached)
    def _attachment_news(self, event: AttachmentNews) -> None:
        route(self.attachments, event)
        self._pump.run()

    @on(messages.SessionStarted)
    def _session_started(self, event: messages.SessionStarted) -> None:
        self.toasts.news(f"session {short_id(event.session_id)} runs in {event.container_name}")
        self._main.select_session(event.session_id)

    @on(messages.CommandDone)
    def _command_done(self, event: messages.CommandDone) -> None:
        done = "removed" if isinstance(event.command, Remove) else "cleaned up"
        self.toasts.news(f"session {short_id(event.session_id)} {done}")

    @on(messages.CommandFailed)
    def _command_failed(self, event: messages.CommandFailed) -> None:
        command = event.command
        if isinstance(command, Stop):
            self.stops.forget(command.session_ids)
            self._show_lists()
        if route_failure(self.attachments, event):
            self._pump.run()
            return
        self.toasts.error(event.error)

    # -- the program

    def action_show_help(self) -> None:
        """Every key and what it does."""
        names = detach_key_names(self._settings.detach_keys)
        in_terminal = self.screen is self.terminals.screen
        prefix = self._settings.prefix_key
        self.push_screen(HelpScreen(prefix, names, in_terminal=in_terminal))

    async def action_quit(self) -> None:
        """What the command palette calls quitting."""
        await self.action_leave()

    async def action_leave(self) -> None:
        """Leave: sessions go on. Asks while terminals are attached or stops are under way."""
        question = quit_question(len(self.attachments.open), len(self.stops.steps))
        if question is None:
            await self._quit()
        else:
            await ask(self, question, self._quit_answered)

    async def _quit_answered(self, agreed: bool | None) -> None:
        if agreed:
            await self._quit()

    async def _quit(self) -> None:
        await self._end_worker()
        self.exit(farewell(self.overview))


def run_dashboard(
    settings: EngineSettings,
    *,
    theme: str | None = None,
    terminals: TerminalSettings | None = None,
    refresh_interval: float = REFRESH_INTERVAL,
) -> int:
    """Open the dashboard on this terminal; returns the exit code when it was left."""
    app = ExecTop(
        lambda: Engine(settings),
        places=", ".join(settings.roots or default_roots()),
        theme=theme or DEFAULT_THEME,
        terminals=terminals or TerminalSettings(),
        refresh_interval=refresh_interval,
        stop_timeout=settings.stop_timeout,
    )
    tune_interpreter()
    words = app.run()
    if words:
        sys.stdout.write(f"{words}\n")
    return app.return_code or 0
