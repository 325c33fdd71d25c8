"""What is known of a session beyond its record: how surely, who began it, what it allows."""

from __future__ import annotations

import enum

from runtime.model.record import ProcessIdentity, Record


class Certainty(enum.StrEnum):
    """How sure it is that a process is a session, and of which origin.

    CERTAIN: the kernel or a file of the engine's says so. LIKELY: the rule that found it has
    exceptions. UNKNOWN: the marks contradict each other or say nothing.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"


class SessionClient(Record, frozen=True, kw_only=True, rename="camel"):
    """Who began a session, as far as processes and the audit tell.

    `process` is the program that the user ran ("podman exec …"), None where it is gone or cannot
    be told. `login_uid` is who logged in (it survives su and sudo), None where no login is
    recorded. `ssh` is where they came from, as SSH_CONNECTION has it: client address and port,
    server address and port; "" where that is not known.
    """

    process: ProcessIdentity | None = None
    command: list[str] = []
    uid: int | None = None
    login_uid: int | None = None
    tty: str = ""
    ssh: str = ""
    certainty: Certainty = Certainty.UNKNOWN


class Action(Record, frozen=True, kw_only=True, rename="camel"):
    """Whether something can be done to a session, and if not, why not."""

    possible: bool = True
    reason: str = ""


NEEDS_NO_RESCUE = Action(possible=False, reason="sessions of exectop's own need none")


class SessionActions(Record, frozen=True, kw_only=True, rename="camel"):
    """What can be done to a session just now.

    Lists tell `write` and `rescue` as they usually are; `inspect` looks.
    """

    attach: Action = Action()
    write: Action = Action()
    rescue: Action = NEEDS_NO_RESCUE
    resize: Action = Action()
    stop: Action = Action()
    remove: Action = Action()


class SessionUsage(Record, frozen=True, kw_only=True, rename="camel"):
    """What the processes of a session use, all together; None where it cannot be read.

    `cpu` is in seconds of processor time, `memory`, `read` and `written` are in bytes. Memory is
    resident memory, in which pages that processes share are counted for each; `read` and
    `written` are what storage was asked for (proc(5) io: read_bytes, write_bytes).
    """

    cpu: float | None = None
    memory: int | None = None
    read: int | None = None
    written: int | None = None
    open_files: int | None = None
