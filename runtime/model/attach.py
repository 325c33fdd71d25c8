"""What an attachment tells its viewer, and how an HTTP client's came to its end."""

from __future__ import annotations

import enum

from runtime.model.foreign import NEEDS_NO_RESCUE, Action
from runtime.model.record import Record, TerminalSize


class Output(Record, frozen=True, kw_only=True, rename="camel", tag=True):
    """Bytes the session printed. `stream` is 1 stdout (and everything of a tty) or 2 stderr.

    `replay` is True for kept output from before this attachment.
    """

    data: bytes
    stream: int = 1
    replay: bool = False


class SizeChanged(Record, frozen=True, kw_only=True, rename="camel", tag=True):
    """From here on the kept output was printed at this size; comes only during the replay."""

    size: TerminalSize


class CaughtUp(Record, frozen=True, kw_only=True, rename="camel", tag=True):
    """The replay is over; what follows is live.

    `truncated` is True where older output had been dropped (the cap on kept output), or where
    none is kept.
    """

    truncated: bool = False


class Ended(Record, frozen=True, kw_only=True, rename="camel", tag=True):
    """The session ended, or its monitor did. `exit_code` is None where the code was lost."""

    exit_code: int | None = None


AttachEvent = Output | SizeChanged | CaughtUp | Ended


class HTTPAttachStreams(Record, frozen=True, kw_only=True, rename="camel"):
    """The standard streams that an HTTP client is connected to (libpod HTTPAttachStreams)."""

    stdin: bool = False
    stdout: bool = False
    stderr: bool = False


class AttachOutcome(enum.StrEnum):
    """Why a client is attached no longer. Only the first of them ends the session."""

    ENDED = "ended"
    DETACHED = "detached"
    DISCONNECTED = "disconnected"
    FAILED = "failed"


class HTTPAttachResult(Record, frozen=True, kw_only=True, rename="camel"):
    """How an HTTP client's attachment came to its end, once its response had begun.

    `exit_code` is None where the session goes on, or its code was lost. A failure (`error` tells
    of it) came too late for an error response; the client was told on its stream.
    """

    outcome: AttachOutcome
    exit_code: int | None = None
    error: str = ""


class AttachPlan(Record, frozen=True, kw_only=True, rename="camel"):
    """What attaching to a session would do, told before it is done.

    `attach` and `rescue` tell whether each is possible, and `write` whether a plain attachment
    takes input. `rescue_does` are sentences about what rescuing can and cannot do.
    """

    attach: Action = Action()
    write: Action = Action()
    rescue: Action = NEEDS_NO_RESCUE
    rescue_does: list[str] = []
