"""Ending what is stuck: what is done about a session, and why nothing is done about another.

Only what is certain is acted on: somebody may have a use for what merely looks stuck.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncGenerator
from typing import Protocol

import msgspec

from runtime.errors import ExectopError
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc import read_stat
from runtime.model import Certainty, Pruned, Remedy, SessionInfo, StopStep, Stuck

# Of several remedies the first of these is the one: stopping does all that is needed.
_STRONGEST = (
    Remedy.STOP,
    Remedy.REMOVE,
    Remedy.RESUME_MONITOR,
    Remedy.END_DELAY,
    Remedy.MEND_RECORD,
)


class Verbs(Protocol):
    """What pruning does to sessions, whoever began them."""

    def exec_stop_steps(self, session_id: str) -> AsyncGenerator[StopStep, None]:
        """Stop a session; the last step has its exit code."""

    async def exec_remove(self, session_id: str) -> None:
        """Forget a session that has ended."""

    async def exec_mend(self, session_id: str) -> None:
        """Have its engine take notice of the end of a session."""


def plan(session: SessionInfo) -> Pruned:
    """What is to be done about a session: `done` has the remedy, or `refused` a reason."""
    pruned = Pruned(
        session_id=session.id,
        container_name=session.container_name,
        origin=session.origin,
        command=session.command,
        stuck=session.stuck,
    )
    certain = {each.remedy for each in session.stuck if each.certainty is Certainty.CERTAIN}
    remedy = next((each for each in _STRONGEST if each in certain), None)
    if remedy is None:
        return msgspec.structs.replace(pruned, refused=_why_not(session))
    if remedy is Remedy.STOP and not session.actions.stop.possible:
        return msgspec.structs.replace(pruned, refused=session.actions.stop.reason)
    # A record that tells no exit code is of no use to anybody.
    nothing_known = session.recorded and session.orphaned
    done = [remedy, Remedy.REMOVE] if nothing_known and remedy is Remedy.STOP else [remedy]
    return msgspec.structs.replace(pruned, done=done)


def _why_not(session: SessionInfo) -> str:
    if not session.stuck:
        return "nothing is the matter with it"
    surest = next((each for each in session.stuck if _is_unsure(each)), session.stuck[0])
    if _is_unsure(surest):
        return f"it is not certain: {surest.detail}"
    return f"nothing can be done but wait: {surest.detail}"


def _is_unsure(stuck: Stuck) -> bool:
    return stuck.certainty is not Certainty.CERTAIN


async def prune(session: SessionInfo, verbs: Verbs) -> Pruned:
    """Do what `plan` says; `error` tells what went wrong. `session` is to be as it is now."""
    planned = plan(session)
    done: list[Remedy] = []
    exit_code = None
    try:
        for remedy in planned.done:
            exit_code = await _do(remedy, session, verbs, exit_code)
            done.append(remedy)
    except ExectopError as error:
        planned = msgspec.structs.replace(planned, error=error.message)
    return msgspec.structs.replace(planned, done=done, exit_code=exit_code)


async def _do(
    remedy: Remedy, session: SessionInfo, verbs: Verbs, exit_code: int | None
) -> int | None:
    if remedy is Remedy.STOP:
        async for step in verbs.exec_stop_steps(session.id):
            exit_code = step.exit_code
        return exit_code
    if remedy is Remedy.REMOVE:
        await verbs.exec_remove(session.id)
    elif remedy is Remedy.RESUME_MONITOR:
        _resume_monitor(session)
    else:
        await verbs.exec_mend(session.id)
        return session.exit_code
    return exit_code


def _resume_monitor(session: SessionInfo) -> None:
    """Let the parent of a zombie go on: it is its monitor, and notes how it ended."""
    leader = read_stat(session.pid)
    if leader is None or leader.start_time != session.start_time:
        return  # its end has been noted meanwhile
    monitor = read_stat(leader.ppid)
    if monitor is not None and monitor.state == "T":
        send_signal(monitor.identity, signal.SIGCONT)
