"""Opens terminals for what a person wants, and says what became of those that were closed."""

from __future__ import annotations

from textual.app import App

from app.attachment import Attachment, Phase
from app.attachments import Attachments
from app.questions import ask, rescue_question
from app.screens.terminal import PaletteOf, TerminalScreen
from app.terminal_settings import TerminalSettings
from app.toasts import Toasts
from runtime.model import ContainerInfo, ExecConfig, ExecState, SessionInfo
from widgets.wording import short_id

TERMINALS = "terminals"


class Terminals:
    """The terminal screen and what is shown on it; the screen outlives every look at the lists."""

    def __init__(
        self,
        app: App[str],
        attachments: Attachments,
        toasts: Toasts,
        settings: TerminalSettings,
        palette_of: PaletteOf,
    ) -> None:
        self._app = app
        self._attachments = attachments
        self._toasts = toasts
        self.screen = TerminalScreen(settings, palette_of)
        app.install_screen(self.screen, TERMINALS)

    async def shell(self, container: ContainerInfo, where: str = "tab") -> None:
        """A new shell in a container."""
        await self._open(self._attachments.shell(container), where)

    async def command(self, container: ContainerInfo, config: ExecConfig) -> None:
        """A new session in a container."""
        await self._open(self._attachments.command(container, config))

    async def come_back(self, session: SessionInfo) -> None:
        """A running session; if it is open already, that terminal."""
        already = self._attachments.of_session(session.id)
        if already is not None:
            await self.show()
            self.screen.workspace.activate(already.number)
            self.screen.show_workspace()
        elif session.state is not ExecState.RUNNING:
            hint = "only running sessions can be attached to; ctrl+d removes it from the list"
            self._toasts.warning(f"session {short_id(session.id)} is {session.state}", hint)
        elif session.actions.attach.possible:
            await self._open(self._attachments.session(session))
        elif session.actions.rescue.possible:
            await self._ask_to_rescue(session)
        else:
            what = f"session {short_id(session.id)} cannot be attached to"
            self._toasts.warning(what, session.actions.attach.reason)

    async def _ask_to_rescue(self, session: SessionInfo) -> None:
        async def answered(agreed: bool | None) -> None:
            if agreed:
                await self._open(self._attachments.session(session, rescue=True))

        await ask(self._app, rescue_question(session), answered)

    async def _open(self, attachment: Attachment, where: str = "tab") -> None:
        self._app.clear_notifications()
        await self.show()
        await self.screen.open(attachment, where)

    async def show(self) -> None:
        """Bring the terminals to the front."""
        if self.screen not in self._app.screen_stack:
            await self._app.push_screen(TERMINALS)

    def hide(self) -> None:
        """Bring the lists to the front; the terminals go on."""
        if self._app.screen is self.screen:
            self._app.pop_screen()

    def shows(self, attachment: Attachment) -> bool:
        """Whether one sees that terminal now."""
        return self.screen.is_seen and self.screen.workspace.is_shown(attachment.number)

    def closed(self, attachment: Attachment) -> None:
        """A terminal was closed: what became of it."""
        self._attachments.forget(attachment)
        if attachment.error is not None:
            self._toasts.error(attachment.error)
        elif attachment.phase is Phase.LEFT:
            self._toasts.news(
                f"left {attachment.label}; the session goes on", "a or enter comes back to it"
            )
