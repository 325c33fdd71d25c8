"""Why a session is stuck, and what would end that."""

from __future__ import annotations

import enum

from runtime.model.foreign import Certainty
from runtime.model.record import Record


class StuckReason(enum.StrEnum):
    """What is the matter with a session; the names are stable."""

    CLIENT_GONE = "client-gone"
    IDLE = "idle"
    ZOMBIE = "zombie"
    SUSPENDED = "suspended"
    UNINTERRUPTIBLE = "uninterruptible"
    MONITOR_DIED = "monitor-died"
    EXIT_NOT_RECORDED = "exit-not-recorded"
    TERMINAL_GONE = "terminal-gone"


class Remedy(enum.StrEnum):
    """What helps: end its processes, forget its record, let its monitor go on, or wait."""

    STOP = "stop"
    REMOVE = "remove"
    RESUME_MONITOR = "resume-monitor"
    WAIT = "wait"


class Stuck(Record, frozen=True, kw_only=True, rename="camel"):
    """One thing that is the matter, and how sure that is; `detail` is a sentence for people.

    Only what is CERTAIN is done away with unasked.
    """

    reason: StuckReason
    remedy: Remedy
    certainty: Certainty
    detail: str = ""


class Pruned(Record, frozen=True, kw_only=True, rename="camel"):
    """What pruning did to a session, or would do, and why.

    `done` are the remedies, in their order. `refused` tells why nothing is done, "" where it is;
    `error` what went wrong meanwhile. `exit_code` is what the session ended with, None where that
    is not known.
    """

    session_id: str
    container_name: str
    origin: str
    command: list[str]
    stuck: list[Stuck]
    done: list[Remedy] = []
    refused: str = ""
    error: str = ""
    exit_code: int | None = None
