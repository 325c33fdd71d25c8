"""Ending a session's processes: SIGTERM, a wait, SIGKILL, a wait (libpod ExecStopContainer).

libpod signals the first process only; here the whole tree is, so that nothing is left behind.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence

from runtime.errors import StopFailedError
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import is_alive
from runtime.model import ProcessIdentity, StopStep
from runtime.sessions.tree import session_tree

# How long the kernel may take to end a process after SIGKILL (libpod killContainerTimeout).
_KILL_TIMEOUT = 5.0
_STEP = 0.25


async def end_processes(
    session_id: str, leader: ProcessIdentity, timeout: float
) -> AsyncIterator[StopStep]:
    """End the leader and its tree; a step now and then tells how far it is.

    `timeout` is in seconds; 0 sends SIGKILL at once. Raises StopFailedError for processes that
    outlive SIGKILL, AccessDeniedError where signalling is not allowed.
    """
    members = session_tree(leader)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    if timeout > 0:
        _signal_all(members, signal.SIGTERM)
        while (left := deadline - loop.time()) > 0 and any(map(is_alive, members)):
            yield StopStep(session_id=session_id, phase="term", timeout=timeout, remaining=left)
            await _wait_all(members, min(_STEP, left))
    members = _merged(members, session_tree(leader))
    if any(map(is_alive, members)):
        yield StopStep(session_id=session_id, phase="kill", timeout=timeout, remaining=0)
        _signal_all(members, signal.SIGKILL)
        await _wait_all(members, _KILL_TIMEOUT)
    _check_ended(session_id, members)


def _signal_all(members: Sequence[ProcessIdentity], number: signal.Signals) -> None:
    for each in members:
        send_signal(each, number)


async def _wait_all(members: Sequence[ProcessIdentity], timeout: float) -> None:
    await asyncio.gather(*(wait_ended(each, timeout) for each in members))


def _merged(
    first: Sequence[ProcessIdentity], second: Sequence[ProcessIdentity]
) -> list[ProcessIdentity]:
    return list(dict.fromkeys((*first, *second)))


def _check_ended(session_id: str, members: Sequence[ProcessIdentity]) -> None:
    left = [str(each.pid) for each in members if is_alive(each)]
    if left:
        raise StopFailedError(
            f"processes {', '.join(left)} of exec session {session_id[:12]} outlived SIGKILL",
            hint="they are stuck in the kernel; look at them with ps -o pid,stat,wchan",
            session_id=session_id,
        )
