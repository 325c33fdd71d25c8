"""What became of a session, judged by the world and not by its record.

conmon writes the exit file (named after the container) when the process ends. While conmon lives
the file may still come; once conmon is gone it is there or never will be.
"""

from __future__ import annotations

import enum
import re

import msgspec

from runtime.kernel.beneath import read_file
from runtime.kernel.proc import boot_id, is_alive
from runtime.model import ExecSession
from runtime.oci.bundle import ExecBundle

_CODE = re.compile(rb"-?[0-9]{1,9}")
_LONGEST_CODE = 64


class Fate(enum.Enum):
    """Where a session that was started stands."""

    RUNNING = "the process runs under its monitor"
    ENDING = "the process has ended, the monitor has not yet noted its exit code"
    ORPHANED = "the process runs, but its monitor is gone"
    ENDED = "the process has ended"


class Observation(msgspec.Struct, frozen=True):
    """A fate, and the exit code for ENDED: None where it was lost."""

    fate: Fate
    exit_code: int | None = None


def observe(session: ExecSession, bundle: ExecBundle) -> Observation:
    """Look at a session that is recorded as running (libpod ExecUpdateStatus)."""
    if session.boot_id != boot_id():
        return Observation(Fate.ENDED)
    if session.legacy:
        return Observation(Fate.RUNNING if is_alive(session.process) else Fate.ENDED)
    # The monitor is looked at before the exit file: if it was gone, the file was complete.
    monitored = is_alive(session.monitor)
    exit_code = read_exit_code(bundle)
    if exit_code is not None:
        return Observation(Fate.ENDED, exit_code)
    alive = is_alive(session.process)
    if monitored:
        return Observation(Fate.RUNNING if alive else Fate.ENDING)
    return Observation(Fate.ORPHANED if alive else Fate.ENDED)


def read_exit_code(bundle: ExecBundle) -> int | None:
    """The exit code in the exit file, None when there is no whole one."""
    try:
        text = read_file(bundle.exit_file, _LONGEST_CODE, below=bundle.folder).strip()
    except OSError:
        return None
    return int(text) if _CODE.fullmatch(text) else None
