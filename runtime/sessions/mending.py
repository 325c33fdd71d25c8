"""Letting an engine know that a session of its own has ended, in the way its monitor would have.

A monitor that waits before it does so is woken. Where the monitor was killed its exit code is lost:
what conmon notes then is noted, and the engine's own clean-up is run, which believes that.
"""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from runtime.errors import OCIRuntimeError, SessionStateError, StopFailedError
from runtime.kernel.beneath import open_file
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.model import Mending, ProcessIdentity

# So long, in seconds, an engine may take over its clean-up.
_LIMIT = 60.0
# How conmon writes that it does not know the exit code (write_exit_file in its conmon.c).
_UNKNOWN = b"-1"


async def mend(mending: Mending) -> None:
    """Do it, and wait until it is done.

    Raises StopFailedError, OCIRuntimeError and SessionStateError for what goes wrong, and
    AccessDeniedError where the monitor is another user's.
    """
    if mending.sleeper is not None:
        await _wake(mending.sleeper, mending.monitor)
    elif mending.command:
        await _clean_up(mending)
    else:
        raise SessionStateError("nobody but its engine can mend its record")


async def _wake(sleeper: ProcessIdentity, monitor: ProcessIdentity | None) -> None:
    """SIGTERM ends conmon's sleep(3), as its handler returns; then it runs its exit command."""
    send_signal(sleeper, signal.SIGTERM)
    if not await wait_ended(monitor, _LIMIT):
        raise StopFailedError("its conmon was woken, and its exit command takes over a minute")


async def _clean_up(mending: Mending) -> None:
    _note_unknown(Path(mending.exit_file))
    try:
        process = await asyncio.create_subprocess_exec(
            *mending.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise OCIRuntimeError(f"cannot run {mending.command[0]}: {error.strerror}") from error
    try:
        async with asyncio.timeout(_LIMIT):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise OCIRuntimeError(f"{mending.command[0]} takes over a minute to clean up") from None
    if process.returncode:
        words = said.decode(errors="replace").strip().splitlines()
        raise OCIRuntimeError(f"{mending.command[0]} did not clean up: {''.join(words[-1:])}")


def _note_unknown(file: Path) -> None:
    """Note that the exit code is not known, unless conmon has noted one.

    Raises SessionStateError.
    """
    try:
        with os.fdopen(open_file(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as noted:
            noted.write(_UNKNOWN)
    except FileExistsError:
        return
    except OSError as error:
        raise SessionStateError(f"cannot write {file}: {error.strerror}") from error
