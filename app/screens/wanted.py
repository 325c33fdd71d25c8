"""What a person wants from the main screen: messages for the app, which carries them out."""

from __future__ import annotations

from textual.message import Message

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
