"""What a bundle and the processes of the host tell of a session, without its record."""

from __future__ import annotations

import os
import time
from typing import Any

import msgspec

from runtime.kernel.beneath import read_file
from runtime.kernel.cmdline import command_line
from runtime.kernel.environ import has_variable
from runtime.kernel.proc import PROC, all_stats, boot_id, identify_noted, is_alive, started_at
from runtime.model import (
    ExecConfig,
    ExecSession,
    ExecState,
    ProcessIdentity,
    container_key,
)
from runtime.oci.bundle import ExecBundle
from runtime.oci.conmon_arguments import MonitorArguments, read_arguments
from runtime.protocol.process_spec import MARKER

# How long, in seconds, a process may take from its birth to its own program.
_STARTING = 10.0
# In bytes; a command line may be of 2 MB, and so may the environment.
_LARGEST_SPEC = 64 * 1024 * 1024


class Remains(msgspec.Struct, frozen=True):
    """The processes that belong to a bundle, None where there is none (any more).

    `busy` tells that a monitor or an OCI runtime is at work on it, so that it may change yet.
    """

    monitor: ProcessIdentity | None
    process: ProcessIdentity | None
    arguments: MonitorArguments | None
    busy: bool


def examine(bundle: ExecBundle, session_id: str) -> Remains:
    """Look for the monitor and the first process of a bundle.

    A pid in a file proves nothing: the monitor must have the bundle on its command line, the
    process the session's marker in its environment.
    """
    monitor, arguments, busy = _monitor(bundle)
    process = identify_noted(bundle.pid_file)
    if process is None or not is_alive(process):
        return Remains(monitor, None, arguments, busy)
    if has_variable(process.pid, f"{MARKER}={session_id}".encode()):
        return Remains(monitor, process, arguments, busy)
    # Another's, or still the runtime's own program, which is about to become the session's.
    young = time.time() - started_at(process) < _STARTING
    return Remains(monitor, None, arguments, busy or young)


def _monitor(
    bundle: ExecBundle,
) -> tuple[ProcessIdentity | None, MonitorArguments | None, bool]:
    noted = identify_noted(bundle.monitor_pid_file)
    busy = False
    # A monitor that is about to start has noted nothing yet: then every process is looked at.
    # So is one that ended while its runtime goes on starting the process.
    for each in [noted] if is_alive(noted) and noted else [stat.identity for stat in all_stats()]:
        words = command_line(each.pid)
        arguments = read_arguments(words)
        if arguments is not None and arguments.bundle == str(bundle.folder):
            return each, arguments, True
        busy = busy or any(str(bundle.folder) in word for word in words)
    return None, None, busy


def rebuild(bundle: ExecBundle, remains: Remains) -> ExecSession | None:
    """The record of a running session whose record was lost, None where too little is known."""
    arguments, process = remains.arguments, remains.process
    if arguments is None or process is None or remains.monitor is None:
        return None
    key = container_key(arguments.root, arguments.container_id)
    started = started_at(process)
    return ExecSession(
        id=arguments.session_id,
        container_id=arguments.container_id,
        container_key=key,
        container_name=arguments.container_name,
        container_root=arguments.root,
        state=ExecState.RUNNING,
        config=_config(bundle),
        created=started,
        started=started,
        boot_id=boot_id(),
        process=process,
        monitor=remains.monitor,
        owner=_owner(remains.monitor),
        keeps_output=bundle.kept_output.exists(),
        output_cap=kept_output_cap(bundle, remains),
    )


def kept_output_cap(bundle: ExecBundle, remains: Remains) -> int | None:
    """How much output the monitor keeps, in bytes (0: all of it); None where it keeps none."""
    if not bundle.kept_output.exists():
        return None
    return remains.arguments.output_cap if remains.arguments else 0


def _config(bundle: ExecBundle) -> ExecConfig:
    try:
        spec: dict[str, Any] = msgspec.json.decode(read_file(bundle.process_spec, _LARGEST_SPEC))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        spec = {}
    user = spec.get("user") or {}
    return ExecConfig(
        command=spec.get("args") or ["(unknown)"],
        terminal=bool(spec.get("terminal")),
        work_dir=spec.get("cwd") or "",
        user=f"{user.get('uid', 0)}:{user.get('gid', 0)}" if user.get("uid") else "",
    )


def _owner(process: ProcessIdentity) -> int:
    try:
        return (PROC / str(process.pid)).stat().st_uid
    except OSError:
        return os.getuid()
