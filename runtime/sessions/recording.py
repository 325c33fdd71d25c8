"""The two changes that every session's record goes through, each in one transaction with its event.

Whoever notices first records them: a start, a viewer, a list, recovery. The clock may have been set
back meanwhile: nothing is recorded as earlier than what came before it.
"""

from __future__ import annotations

import time

import msgspec

from runtime.kernel.proc import boot_id
from runtime.model import EventName, ExecSession, ExecState, ProcessIdentity, TerminalSize
from runtime.state.events import EventStore
from runtime.state.sessions import SessionStore


async def record_running(
    store: SessionStore,
    events: EventStore,
    session: ExecSession,
    process: ProcessIdentity,
    monitor: ProcessIdentity | None,
    *,
    output_cap: int | None,
    size: TerminalSize | None = None,
    attached: bool = False,
    detail: str = "",
) -> None:
    """Record that a created session runs. Raises StateError, and NoSuchSessionError if it is gone.

    `output_cap` is in bytes: None where no output is kept, 0 for no cap.
    """
    running = msgspec.structs.replace(
        session,
        state=ExecState.RUNNING,
        process=process,
        monitor=monitor,
        started=max(time.time(), session.created),
        boot_id=boot_id(),
        initial_size=size,
        keeps_output=output_cap is not None,
        output_cap=output_cap,
    )
    names = (EventName.START, EventName.ATTACH) if attached else (EventName.START,)
    await store.update(running, *(events.adding(session, name, detail=detail) for name in names))


async def record_stopped(
    store: SessionStore,
    events: EventStore,
    session: ExecSession,
    exit_code: int | None,
    *,
    survivor: ProcessIdentity | None = None,
    detail: str = "",
) -> None:
    """Record that a session has come to its end. Raises StateError and NoSuchSessionError.

    `exit_code` is None where it is not known. `survivor` is its process where that lives on
    without a monitor.
    """
    stopped = msgspec.structs.replace(
        session,
        state=ExecState.STOPPED,
        exit_code=exit_code,
        process=survivor,
        monitor=None,
        boot_id=boot_id() if survivor else session.boot_id,
        finished=max(time.time(), session.started or session.created),
    )
    died = events.adding(session, EventName.DIED, exit_code=exit_code, detail=detail)
    await store.update(stopped, died)
