"""What the background worker tells the screens: one message per fact.

They are posted to the App (`post_message` may be called from any thread) and handled there.
"""

from __future__ import annotations

from textual.message import Message

from app.commands import Command
from runtime.errors import ExectopError
from runtime.model import Overview, StopStep, TerminalSize


class WorkerMessage(Message):
    """What all messages of the worker share; they go to the App and no further."""

    bubble = False


class OverviewTaken(WorkerMessage):
    """A new overview of containers and sessions; the newest replaces all older ones."""

    def __init__(self, overview: Overview) -> None:
        super().__init__()
        self.overview = overview


class Attached(WorkerMessage):
    """The attachment exists: `session_id` is known, output follows.

    `remarks` are sentences about what it cannot do.
    """

    def __init__(
        self,
        attachment: int,
        session_id: str,
        container_name: str,
        remarks: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.remarks = remarks
        self.attachment = attachment
        self.session_id = session_id
        self.container_name = container_name


class OutputArrived(WorkerMessage):
    """Output of an attached session, in order. To be answered by `Acknowledge`.

    `replay` marks kept output: replies to its queries must not be sent, bells not rung.
    """

    def __init__(self, attachment: int, data: bytes, *, replay: bool) -> None:
        super().__init__()
        self.attachment = attachment
        self.data = data
        self.replay = replay


class ReplaySize(WorkerMessage):
    """The kept output that follows was printed at this size."""

    def __init__(self, attachment: int, size: TerminalSize) -> None:
        super().__init__()
        self.attachment = attachment
        self.size = size


class ReplayDone(WorkerMessage):
    """All kept output was sent; what follows is live. `truncated`: older output was dropped."""

    def __init__(self, attachment: int, *, truncated: bool) -> None:
        super().__init__()
        self.attachment = attachment
        self.truncated = truncated


class AttachmentEnded(WorkerMessage):
    """The attached session ended; `exit_code` is None where it was lost."""

    def __init__(self, attachment: int, exit_code: int | None) -> None:
        super().__init__()
        self.attachment = attachment
        self.exit_code = exit_code


class Detached(WorkerMessage):
    """The attachment was left; the session goes on."""

    def __init__(self, attachment: int, session_id: str) -> None:
        super().__init__()
        self.attachment = attachment
        self.session_id = session_id


class SessionStarted(WorkerMessage):
    """A detached session was started."""

    def __init__(self, session_id: str, container_name: str) -> None:
        super().__init__()
        self.session_id = session_id
        self.container_name = container_name


class StopProgressed(WorkerMessage):
    """One step of stopping a session."""

    def __init__(self, step: StopStep) -> None:
        super().__init__()
        self.step = step


class CommandDone(WorkerMessage):
    """A request without another answer (`Cleanup`, `Remove`) is done for this session."""

    def __init__(self, command: Command, session_id: str) -> None:
        super().__init__()
        self.command = command
        self.session_id = session_id


class CommandFailed(WorkerMessage):
    """A request failed; `error` says what to do next."""

    def __init__(self, command: Command, error: ExectopError) -> None:
        super().__init__()
        self.command = command
        self.error = error
