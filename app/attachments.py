"""All attachments of this program: made for a wish, known by a number, forgotten in the end."""

from __future__ import annotations

from app.attachment import Attachment, Send, StartCommand
from app.commands import Attach, OpenShell, RunExec
from runtime.model import ContainerInfo, ExecConfig


class Attachments:
    """All attachments of this program, by number."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._by_number: dict[int, Attachment] = {}
        self._last = 0

    def shell(self, container: ContainerInfo, label: str) -> Attachment:
        """A shell to be started."""
        return self._add(
            lambda number, size: OpenShell(number, container, size), label, "shell", True
        )

    def command(
        self, container: ContainerInfo, config: ExecConfig, label: str, title: str
    ) -> Attachment:
        """A command to be started."""
        return self._add(
            lambda number, size: RunExec(number, container, config, size),
            label,
            title,
            config.terminal,
        )

    def session(self, session_id: str, label: str, title: str, *, tty: bool) -> Attachment:
        """A running session to come back to."""
        return self._add(lambda number, size: Attach(number, session_id, size), label, title, tty)

    def _add(self, start: StartCommand, label: str, title: str, tty: bool) -> Attachment:
        self._last += 1
        attachment = Attachment(self._last, start, self._send, label=label, title=title, tty=tty)
        self._by_number[self._last] = attachment
        return attachment

    def get(self, number: int) -> Attachment | None:
        """The attachment of that number, None once it was forgotten."""
        return self._by_number.get(number)

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
