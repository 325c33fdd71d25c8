"""Ending a session's processes: SIGTERM, a wait, SIGKILL, a wait (libpod ExecStopContainer).

libpod signals the first process only; here the whole tree is, so that nothing is left behind.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Sequence

from runtime.errors import StopFailedError
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.model import SessionProcess, StopStep
from runtime.sessions.tree import SessionTree

# How long the kernel may take to end a process after SIGKILL (libpod killContainerTimeout).
_KILL_TIMEOUT = 5.0
_STEP = 0.25
# New processes may be made while the old ones are signalled; so many looks are taken.
_KILL_ROUNDS = 20


async def end_processes(
    session_id: str, tree: SessionTree, timeout: float
) -> AsyncGenerator[StopStep, None]:
    """End all processes of the tree; a step now and then tells how far it is.

    `timeout` is in seconds; 0 sends SIGKILL at once. Raises StopFailedError for processes that
    outlive SIGKILL, AccessDeniedError where signalling is not allowed.
    """
    alive = tree.look()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    if timeout > 0:
        _signal_all(alive, signal.SIGTERM)
        _signal_all(alive, signal.SIGCONT)  # one that was stopped could not react
        while alive and (left := deadline - loop.time()) > 0:
            yield StopStep(
                session_id=session_id,
                phase="term",
                timeout=timeout,
                remaining=left,
                processes=alive,
            )
            await _wait_all(alive, min(_STEP, left))
            alive = tree.look()
    if not alive:
        return
    yield StopStep(
        session_id=session_id, phase="kill", timeout=timeout, remaining=0, processes=alive
    )
    await _kill(session_id, tree, alive)


async def _kill(session_id: str, tree: SessionTree, alive: list[SessionProcess]) -> None:
    deadline = asyncio.get_running_loop().time() + _KILL_TIMEOUT
    for _ in range(_KILL_ROUNDS):
        _signal_all(alive, signal.SIGKILL)
        await _wait_all(alive, max(0.0, deadline - asyncio.get_running_loop().time()))
        alive = tree.look()
        if not alive:
            return
    left = ", ".join(f"{each.process.pid} ({each.command})" for each in alive)
    raise StopFailedError(
        f"processes of exec session {session_id[:12]} outlived SIGKILL: {left}",
        hint="they are stuck in the kernel; look at them with ps -o pid,stat,wchan",
        session_id=session_id,
    )


def _signal_all(processes: Sequence[SessionProcess], number: signal.Signals) -> None:
    for each in processes:
        send_signal(each.process, number)


async def _wait_all(processes: Sequence[SessionProcess], timeout: float) -> None:
    await asyncio.gather(*(wait_ended(each.process, timeout) for each in processes))
