"""What `inspect` tells, with libpod's names."""

from __future__ import annotations

import msgspec


class InspectExecProcess(msgspec.Struct, frozen=True, kw_only=True):
    """The ProcessConfig block of `inspect` (libpod define.InspectExecProcess)."""

    arguments: list[str]
    entrypoint: str
    privileged: bool
    tty: bool
    user: str


class InspectExecSession(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What `inspect` tells of a session (libpod define.InspectExecSession, then our own fields).

    `exit_code` is -1 where the code was lost, 0 while the session has not ended, as in libpod.
    """

    can_remove: bool = msgspec.field(name="CanRemove")
    container_id: str = msgspec.field(name="ContainerID")
    detach_keys: str = msgspec.field(name="DetachKeys")
    exit_code: int = msgspec.field(name="ExitCode")
    id: str = msgspec.field(name="ID")
    open_stderr: bool = msgspec.field(name="OpenStderr")
    open_stdin: bool = msgspec.field(name="OpenStdin")
    open_stdout: bool = msgspec.field(name="OpenStdout")
    running: bool = msgspec.field(name="Running")
    pid: int = msgspec.field(name="Pid")
    process_config: InspectExecProcess = msgspec.field(name="ProcessConfig")
    state: str
    container_name: str
    created: str
    started: str
    finished: str
    owner: int
    attached: int
    monitor_alive: bool
    bundle: str
