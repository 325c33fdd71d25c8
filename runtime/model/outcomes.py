"""What running, stopping and taking over sessions gives."""

from __future__ import annotations

from runtime.model.record import ProcessIdentity, Record


class ExecResult(Record, frozen=True, kw_only=True, rename="camel"):
    """What a command that ran to its end gave. `exit_code` is None where it was lost.

    `stdout` and `stderr` hold at most as much as was asked for; `truncated` tells of more.
    """

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool = False


class SessionProcess(Record, frozen=True, kw_only=True, rename="camel"):
    """A process of a session, and the rule that found it.

    `rule` is "leader", "parentage" (a descendant of the leader), "session" (in the leader's
    kernel session, setsid(2)), "marker" (carries the session's id in its environment) or "monitor"
    (what is left of its monitor where there is nothing else any more).
    """

    process: ProcessIdentity
    command: str
    rule: str


class StopStep(Record, frozen=True, kw_only=True, rename="camel"):
    """One step of stopping a session, for progress.

    `phase` is "term" (SIGTERM sent, `remaining` of `timeout` seconds left before SIGKILL),
    "kill" (SIGKILL sent) or "stopped" (ended, with `exit_code`). `processes` are those that
    still run.
    """

    session_id: str
    phase: str
    timeout: float
    remaining: float
    exit_code: int | None = None
    processes: list[SessionProcess] = []


class LegacyImport(Record, frozen=True, kw_only=True, rename="camel"):
    """What became of an old libpod's sessions: the ids that were taken over.

    `refused` tells in a sentence each of the others, and why.
    """

    taken: list[str]
    refused: list[str]
