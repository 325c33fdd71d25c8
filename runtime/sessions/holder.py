"""Who holds the streams of a session that another program began, as /proc tells.

That is the parent of its first process: podman's or CRI-O's conmon, containerd's shim (docker's,
too), or the runtime itself for `runc exec` and `crun exec` in the foreground. When it is gone the
streams are, too: nobody else has their other ends.
"""

from __future__ import annotations

import enum
from pathlib import Path, PurePath

import msgspec

from runtime.errors import AccessDeniedError
from runtime.kernel.proc import PROC, identify, read_stat
from runtime.kernel.tty_master import Terminal, masters_of
from runtime.model import ProcessIdentity
from runtime.protocol.conmon_options import conmon_flags, conmon_options

_RUNTIMES = ("runc", "crun", "youki")
# The permission bit of a link in /proc/PID/fd whose descriptor can be written to (proc(5)).
_WRITES = 0o200


class HolderKind(enum.Enum):
    """What it is."""

    CONMON = "conmon"
    SHIM = "containerd's shim"
    RUNTIME = "an OCI runtime in the foreground"


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The process that holds a session's streams.

    What follows is conmon's: `attach` is its socket and `exit_file` where it notes the exit code,
    as we see those paths. `takes_input` tells whether its session was begun with input, and
    `keeps_input` whether that survives a viewer who leaves (--leave-stdin-open).
    """

    process: ProcessIdentity
    kind: HolderKind
    program: str
    attach: Path = Path()
    exit_file: Path = Path()
    takes_input: bool = False
    keeps_input: bool = False


def holder_of(leader: ProcessIdentity) -> Holder | None:
    """Who holds the streams of the session with this first process, None where nobody does."""
    stat = read_stat(leader.pid)
    if stat is None or stat.start_time != leader.start_time:
        return None
    process = identify(stat.ppid)
    above = read_stat(stat.ppid)
    if process is None or above is None:
        return None
    words = _command(stat.ppid)
    program = PurePath(words[0]).name if words else above.comm
    if program == "conmon" and "exec" in conmon_flags(words):
        return _conmon(process, words)
    if program.startswith("containerd-shim"):
        return Holder(process=process, kind=HolderKind.SHIM, program=program)
    if program in _RUNTIMES and "exec" in words[1:]:
        return Holder(process=process, kind=HolderKind.RUNTIME, program=program)
    return None


def input_is_open(holder: Holder, terminal: Terminal | None) -> bool:
    """Whether conmon takes input for its session; it stops when a client leaves.

    A terminal's master it has twice as long as it does, for reading and for writing (conmon
    src/ctr_stdio.c, terminal_accept_cb), else the writing end of a pipe. Raises AccessDeniedError.
    """
    if terminal is not None:
        return len(masters_of(holder.process, terminal)) > 1
    return holder.takes_input and _holds_writing_end(holder.process.pid)


def _conmon(process: ProcessIdentity, words: list[str]) -> Holder:
    flags, values = conmon_flags(words), conmon_options(words)
    bundle = values.get("bundle", [""])[-1]
    container, session = values.get("cid", [""])[-1], values.get("cuuid", [""])[-1]
    if "full-attach" not in flags:
        bundle = f"{values.get('socket-dir-path', [''])[-1]}/{session}"
    return Holder(
        process=process,
        kind=HolderKind.CONMON,
        program="conmon",
        attach=_as_it_sees(process, f"{bundle}/attach"),
        exit_file=_as_it_sees(process, f"{values.get('exit-dir', [''])[-1]}/{container}"),
        takes_input="stdin" in flags,
        keeps_input="leave-stdin-open" in flags or "stdin" not in flags,
    )


def _as_it_sees(process: ProcessIdentity, path: str) -> Path:
    # Rootless podman's conmon may live in a mount namespace of its own.
    return PROC / str(process.pid) / "root" / path.lstrip("/")


def _command(pid: int) -> list[str]:
    try:
        text = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return text.decode(errors="surrogateescape").split("\0")[:-1]


def _holds_writing_end(pid: int) -> bool:
    try:
        for entry in (PROC / str(pid) / "fd").iterdir():
            if _is_writing_end(entry):
                return True
    except PermissionError as error:
        raise AccessDeniedError(f"not allowed to see what process {pid} has open") from error
    except OSError:  # it is gone
        return False
    return False


def _is_writing_end(entry: Path) -> bool:
    try:
        return str(entry.readlink()).startswith("pipe:") and bool(entry.lstat().st_mode & _WRITES)
    except FileNotFoundError:  # closed meanwhile
        return False
