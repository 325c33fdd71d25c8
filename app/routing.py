"""Which attachment a message of the worker is for, and what it is to be told."""

from __future__ import annotations

from app.attachments import Attachments
from app.commands import Attach, OpenShell, RunExec
from app.messages import (
    Attached,
    AttachmentEnded,
    CommandFailed,
    Detached,
    OutputArrived,
    ReplayDone,
    ReplaySize,
)

AttachmentNews = Attached | OutputArrived | ReplaySize | ReplayDone | AttachmentEnded | Detached


def route(attachments: Attachments, news: AttachmentNews) -> None:
    """Tell the attachment it is about; one that was forgotten meanwhile needs nothing."""
    attachment = attachments.get(news.attachment)
    if attachment is None:
        return
    match news:
        case Attached(session_id=session_id):
            attachment.attached(session_id)
        case OutputArrived(data=data, replay=replay):
            attachment.output(data, replay=replay)
        case ReplaySize(size=size):
            attachment.replay_size(size)
        case ReplayDone(truncated=truncated):
            attachment.replay_done(truncated=truncated)
        case AttachmentEnded(exit_code=exit_code):
            attachment.ended(exit_code)
        case Detached():
            attachment.left()


def route_failure(attachments: Attachments, failure: CommandFailed) -> bool:
    """Whether the failure ended an attachment, which then tells it when its screen closes."""
    command = failure.command
    if not isinstance(command, OpenShell | Attach | RunExec):
        return False
    attachment = attachments.get(command.attachment)
    if attachment is None:
        return False
    attachment.failed(failure.error)
    return True
