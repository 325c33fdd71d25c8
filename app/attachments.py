"""All attachments of this program: made for a wish, known by a number, forgotten in the end."""

from __future__ import annotations

from app.attachment import Attachment, Send, StartCommand
from app.commands import Attach, OpenShell, RunExec
from runtime.model import ContainerInfo, ExecConfig, SessionInfo
from widgets.wording import command_line, container_label, short_id


class Attachments:
    """All attachments of this program, by number."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._by_number: dict[int, Attachment] = {}
        self._last = 0

    def shell(self, container: ContainerInfo) -> Attachment:
        """A shell to be started."""
        return self._add(
            lambda number, size: OpenShell(number, container, size),
            container_key=container.key,
            label=container_label(container),
            title="shell",
            tty=True,
        )

    def command(self, container: ContainerInfo, config: ExecConfig) -> Attachment:
        """A command to be started."""
        return self._add(
            lambda number, size: RunExec(number, container, config, size),
            container_key=container.key,
            label=container_label(container),
            title=command_line(config.command),
            tty=config.terminal,
        )

    def session(self, session: SessionInfo, *, rescue: bool = False) -> Attachment:
        """A running session to come back to, or to be rescued."""
        return self._add(
            lambda number, size: Attach(number, session.id, size, rescue),
            container_key=session.container_key,
            label=short_id(session.container_name),
            title=command_line(session.command),
            tty=session.tty,
            session_id=session.id,
        )

    def _add(
        self,
        start: StartCommand,
        *,
        container_key: str,
        label: str,
        title: str,
        tty: bool,
        session_id: str = "",
    ) -> Attachment:
        self._last += 1
        attachment = Attachment(
            self._last,
            start,
            self._send,
            container_key=container_key,
            label=label,
            title=title,
            tty=tty,
        )
        attachment.session_id = session_id
        self._by_number[self._last] = attachment
        return attachment

    def get(self, number: int) -> Attachment | None:
        """The attachment of that number, None once it was forgotten."""
        return self._by_number.get(number)

    def of_session(self, session_id: str) -> Attachment | None:
        """The open attachment to that session, if there is one."""
        return next((each for each in self.open if each.session_id == session_id), None)

    def forget(self, attachment: Attachment) -> None:
        """Nobody looks at it any more."""
        self._by_number.pop(attachment.number, None)

    @property
    def open(self) -> list[Attachment]:
        """Those that are neither over nor left."""
        return [attachment for attachment in self._by_number.values() if not attachment.is_over]

    @property
    def waiting(self) -> list[Attachment]:
        """Those with something to print."""
        return [attachment for attachment in self._by_number.values() if attachment.has_work]
