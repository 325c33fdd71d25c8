"""Ending a session's processes: SIGTERM, a wait, SIGKILL, a wait (libpod ExecStopContainer).

libpod signals the first process only; here the whole tree is, so that nothing is left behind.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from runtime.errors import StopFailedError
from runtime.kernel.cgroup import release_killed
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.process_state import process_state
from runtime.model import SessionProcess, StopStep

# How long the kernel may take to end a process after SIGKILL (libpod killContainerTimeout).
_KILL_TIMEOUT = 5.0
_STEP = 0.25


class Tree(Protocol):
    """Processes that are to be ended, and those that they start meanwhile."""

    def look(self) -> list[SessionProcess]:
        """Those that are alive now."""


async def end_processes(
    session_id: str, tree: Tree, timeout: float
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


async def _kill(session_id: str, tree: Tree, alive: list[SessionProcess]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _KILL_TIMEOUT
    # New processes may be made while the old ones are signalled.
    while alive and loop.time() < deadline:
        _signal_all(alive, signal.SIGKILL)
        for each in alive:
            release_killed(each.process.pid)
        # One that is just being frozen may yet have to be released.
        await _wait_all(alive, min(_STEP, deadline - loop.time()))
        alive = tree.look()
    if alive:
        raise _outlived(session_id, alive)


def _outlived(session_id: str, alive: list[SessionProcess]) -> StopFailedError:
    states = [(each, process_state(each.process)) for each in alive]
    left = ", ".join(f"{each.process.pid} ({each.command}, {state})" for each, state in states)
    frozen = any(state == "frozen" for _, state in states)
    return StopFailedError(
        f"processes of exec session {session_id[:12]} outlived SIGKILL: {left}",
        hint="its container is paused; they end once it is resumed"
        if frozen
        else "the kernel ends them once what they wait for is there; ps -o pid,stat,wchan tells",
        session_id=session_id,
    )


def _signal_all(processes: Sequence[SessionProcess], number: signal.Signals) -> None:
    for each in processes:
        send_signal(each.process, number)


async def _wait_all(processes: Sequence[SessionProcess], timeout: float) -> None:
    await asyncio.gather(*(wait_ended(each.process, timeout) for each in processes))
