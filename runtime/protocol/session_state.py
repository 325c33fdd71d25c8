"""The life of an exec session: created → running → stopped, as one table.

Rules (libpod container_exec.go):
 - a session is created once and started at most once;
 - only a running session can be stopped or resized;
 - files of a running session are never cleaned up;
 - a running session is removed only by force, which stops it first.
"""

from __future__ import annotations

import enum

from runtime.errors import SessionStateError
from runtime.model import ExecState


class Verb(enum.StrEnum):
    """What may be asked of a session, worded for messages."""

    START = "start"
    ATTACH = "attach to"
    RESIZE = "resize"
    STOP = "stop"
    CLEANUP = "clean up"
    REMOVE = "remove"


ALLOWED: dict[Verb, frozenset[ExecState]] = {
    Verb.START: frozenset({ExecState.CREATED}),
    Verb.ATTACH: frozenset({ExecState.RUNNING}),
    Verb.RESIZE: frozenset({ExecState.RUNNING}),
    Verb.STOP: frozenset({ExecState.RUNNING}),
    Verb.CLEANUP: frozenset({ExecState.CREATED, ExecState.STOPPED}),
    Verb.REMOVE: frozenset({ExecState.CREATED, ExecState.STOPPED}),
}

_HINTS: dict[tuple[Verb, ExecState], str] = {
    (Verb.START, ExecState.RUNNING): "attach to it instead",
    (Verb.START, ExecState.STOPPED): "create a new session",
    (Verb.ATTACH, ExecState.CREATED): "start it first",
    (Verb.ATTACH, ExecState.STOPPED): "it has ended; inspect tells its exit code",
    (Verb.RESIZE, ExecState.CREATED): "start it first",
    (Verb.STOP, ExecState.CREATED): "remove it instead",
    (Verb.STOP, ExecState.STOPPED): "it has already ended; remove it instead",
    (Verb.CLEANUP, ExecState.RUNNING): "stop it first",
    (Verb.REMOVE, ExecState.RUNNING): "stop it first, or remove it by force",
}


def require(verb: Verb, state: ExecState, session_id: str) -> None:
    """Raise SessionStateError, with what to do instead, unless `verb` may be done in `state`."""
    if state in ALLOWED[verb]:
        return
    raise SessionStateError(
        f"cannot {verb} exec session {session_id[:12]}: it is {state}",
        hint=_HINTS.get((verb, state), ""),
        session_id=session_id,
    )
