"""What a person wants of a screen: messages for the app, which carries them out."""

from __future__ import annotations

from textual.message import Message

from app.attachment import Attachment
from runtime.model import ContainerInfo, SessionInfo


class ContainerWish(Message):
    """Something to do in a container."""

    def __init__(self, container: ContainerInfo) -> None:
        super().__init__()
        self.container = container


class SessionWish(Message):
    """Something to do with a session."""

    def __init__(self, session: SessionInfo) -> None:
        super().__init__()
        self.session = session


class ShellWanted(ContainerWish):
    """A shell."""


class ExecWanted(ContainerWish):
    """The form for any command."""


class AttachWanted(SessionWish):
    """Back to a running session."""


class StopWanted(SessionWish):
    """Stop it."""


class RemoveWanted(SessionWish):
    """Remove it."""


class CleanupWanted(SessionWish):
    """Clear its temporary files."""


class RefreshWanted(Message):
    """Look again now."""


class TerminalsWanted(Message):
    """Back to the open terminals."""


class ListsWanted(Message):
    """The lists of containers and sessions."""


class ShellBesideWanted(Message):
    """One more shell in that container: in a "tab", "beside" or "below" the active terminal."""

    def __init__(self, container_key: str, where: str) -> None:
        super().__init__()
        self.container_key = container_key
        self.where = where


class TerminalClosed(Message):
    """A terminal is not on the screen any more."""

    def __init__(self, attachment: Attachment) -> None:
        super().__init__()
        self.attachment = attachment
