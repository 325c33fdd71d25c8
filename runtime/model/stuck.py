"""Why a session is stuck, and what would end that."""

from __future__ import annotations

import enum

from runtime.model.foreign import Certainty
from runtime.model.record import ProcessIdentity, Record


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
    EXIT_DELAY = "exit-delay"
    STALE_RECORD = "stale-record"


class Remedy(enum.StrEnum):
    """What helps: end its processes, forget its record, let its monitor go on, or wait.

    END_DELAY wakes a monitor that waits before it tells its engine of the end, MEND_RECORD has the
    engine take notice where the monitor was killed before it could.
    """

    STOP = "stop"
    REMOVE = "remove"
    RESUME_MONITOR = "resume-monitor"
    END_DELAY = "end-delay"
    MEND_RECORD = "mend-record"
    WAIT = "wait"


class Stuck(Record, frozen=True, kw_only=True, rename="camel"):
    """One thing that is the matter, and how sure that is; `detail` is a sentence for people.

    Only what is CERTAIN is done away with unasked.
    """

    reason: StuckReason
    remedy: Remedy
    certainty: Certainty
    detail: str = ""


class Mending(Record, frozen=True, kw_only=True):
    """How an engine is told of the end of a session that has no process any more.

    `sleeper` is to be woken, and `monitor` ends once the engine knows; or else `command` is run,
    an unknown exit code having been noted in `exit_file`. Without either nothing can be done.
    """

    sleeper: ProcessIdentity | None = None
    monitor: ProcessIdentity | None = None
    exit_file: str = ""
    command: list[str] = []


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
