"""Taking the terminal of a session from the process that holds its master.

So a session can be typed into whose engine lets nobody come back (docker, containerd), or whose
input was closed when its client left (podman). What it prints comes from conmon's socket where
there is one. Elsewhere the holder goes on reading, unless it can be kept from that
(`runtime.sessions.sole_reader`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os

from runtime.errors import SessionStateError
from runtime.kernel.tty_master import Terminal, masters_of, take_master
from runtime.sessions.attachment import OutputSource
from runtime.sessions.holder import Holder
from runtime.sessions.sole_reader import become_sole_reader
from runtime.sessions.terminal_output import NoOutput, TerminalOutput


def take_terminal(holder: Holder, terminal: Terminal | None, stack: contextlib.ExitStack) -> int:
    """The terminal's master, closed with the stack.

    Raises SessionStateError where the holder does not have it (any more), AccessDeniedError.
    """
    master = None if terminal is None else take_master(holder.process, terminal)
    if master is None:
        raise SessionStateError(
            f"process {holder.process.pid} ({holder.program}) does not hold the session's terminal",
            hint="the session has just ended",
        )
    stack.callback(os.close, master)
    return master


async def read_terminal(
    holder: Holder, terminal: Terminal, master: int, leader: int, stack: contextlib.ExitStack
) -> OutputSource:
    """What the terminal prints until the process with the pidfd `leader` ends.

    The holder reads again once the stack is closed, or when we die.
    """
    sole = await become_sole_reader(holder.process, masters_of(holder.process, terminal), master)
    if sole is not None:
        stack.enter_context(sole)
    elif not fcntl.fcntl(master, fcntl.F_GETFL) & os.O_NONBLOCK:
        # Another may be faster, and reading would wait for the next output then.
        return NoOutput(leader)
    return TerminalOutput(master, leader)
