"""conmon's command line and environment (conmon src/cli.c, libpod oci_conmon_exec_common.go)."""

from __future__ import annotations

import itertools
import os
import re
import shlex

import msgspec

from runtime.oci.base import StartRequest
from runtime.oci.binary import runtime_arguments

# What conmon and the runtime may need of our environment; the rest is not theirs to see.
_PASSED_ON = ("PATH", "HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "TMPDIR")
# A terminal comes by a socket that conmon makes in TMPDIR (setup_console_socket), and that it
# leaves there when it is killed meanwhile. Its path must fit sun_path (107 bytes), which that of
# a bundle is too long for; but conmon works in the bundle, and so do these when they look for it.
_STAY_IN_FOLDER = ("runc", "crun")
_LONGEST_TMPDIR = 80
_NAMED = ("-c", "-u", "-n", "-b")
_CAP = "--log-size-max"
# Anybody may write anything on a command line.
_NUMBER = re.compile(r"[0-9]{1,18}")


def conmon_arguments(request: StartRequest, runtime: str) -> list[str]:
    """The arguments for one exec session; `runtime` is the OCI runtime's path."""
    bundle, container = request.bundle, request.container
    arguments = ["--api-version", "1", "-c", container.id, "-u", request.session_id]
    arguments += ["-n", container.name, "-r", runtime, "-b", str(bundle.folder)]
    arguments += ["-p", str(bundle.pid_file), "--conmon-pidfile", str(bundle.monitor_pid_file)]
    arguments += ["--exit-dir", str(bundle.exit_folder), "--full-attach"]
    arguments += ["-e", "--exec-attach", "--exec-process-spec", str(bundle.process_spec)]
    for argument in runtime_arguments(container.root, bundle.runtime_log):
        arguments.append(f"--runtime-arg={argument}")
    parts = (_streams, _log, _preserved, _exit_command)
    return arguments + [word for part in parts for word in part(request)]


def _streams(request: StartRequest) -> list[str]:
    if request.terminal:
        # Without --leave-stdin-open the first viewer that leaves ends the typing of all others.
        return ["-t", "-i", "--leave-stdin-open"]
    return ["-i"] if request.stdin else []


def _log(request: StartRequest) -> list[str]:
    if request.keep_output is None:
        return ["-l", "none"]
    arguments = ["-l", f"k8s-file:{request.bundle.kept_output}", "--no-sync-log"]
    if request.keep_output:
        arguments += [_CAP, str(request.keep_output)]
    return arguments


def _preserved(request: StartRequest) -> list[str]:
    # The runtime counts from 3 to the last one; see `runtime.oci.descriptors` for gaps.
    numbers = request.descriptors
    return ["--runtime-opt=--preserve-fds", f"--runtime-opt={numbers[-1] - 2}"] if numbers else []


def _exit_command(request: StartRequest) -> list[str]:
    if not request.exit_command:
        return []
    command = [*request.exit_command, request.session_id, request.container.id]
    if _keeps_console_socket(request):
        tmpdir = os.environ.get("TMPDIR")
        own = "unset TMPDIR" if tmpdir is None else f"TMPDIR={shlex.quote(tmpdir)}"
        command = ["/bin/sh", "-c", f'{own}; exec "$@"', "sh", *command]
    if request.exit_command_delay:
        # conmon's own --exit-delay would have conmon wait, too; this way only a sleep does.
        script = 'delay=$1; shift; (sleep "$delay"; exec "$@") &'
        command = ["/bin/sh", "-c", script, "sh", str(request.exit_command_delay), *command]
    return ["--exit-command", command[0], *(f"--exit-command-arg={each}" for each in command[1:])]


def _keeps_console_socket(request: StartRequest) -> bool:
    return request.terminal and request.container.runtime in _STAY_IN_FOLDER


def conmon_environment(request: StartRequest, sync: int, start: int, attach: int) -> dict[str, str]:
    """The environment of a conmon that is run in the bundle: a few variables of ours, its pipes."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    if _keeps_console_socket(request):
        environment["TMPDIR"] = "."
    elif len(environment.get("TMPDIR", "")) > _LONGEST_TMPDIR:
        del environment["TMPDIR"]
    environment["_OCI_SYNCPIPE"] = str(sync)
    environment["_OCI_STARTPIPE"] = str(start)
    environment["_OCI_ATTACHPIPE"] = str(attach)
    return environment


class MonitorArguments(msgspec.Struct, frozen=True):
    """What conmon's command line tells of the session it watches over.

    `output_cap` is in bytes, 0 where there is none.
    """

    container_id: str
    session_id: str
    container_name: str
    root: str
    bundle: str
    output_cap: int


def read_arguments(words: list[str]) -> MonitorArguments | None:
    """Read back what `conmon_arguments` wrote; None for another program's command line."""
    if "--exec-attach" not in words:
        return None
    values = {name: value for name, value in itertools.pairwise(words) if name in _NAMED}
    if len(values) != len(_NAMED):
        return None
    caps = [value for name, value in itertools.pairwise(words) if name == _CAP]
    passed = [word.partition("=")[2] for word in words if word.startswith("--runtime-arg=")]
    roots = [value for name, value in itertools.pairwise(passed) if name == "--root"]
    if not roots:
        return None
    return MonitorArguments(
        container_id=values["-c"],
        session_id=values["-u"],
        container_name=values["-n"],
        root=roots[0],
        bundle=values["-b"],
        output_cap=int(caps[0]) if caps and _NUMBER.fullmatch(caps[0]) else 0,
    )
