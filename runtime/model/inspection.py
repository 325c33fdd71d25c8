"""What `inspect` tells, with libpod's names."""

from __future__ import annotations

import msgspec

from runtime.model.events import Client
from runtime.model.foreign import Certainty, SessionActions, SessionClient, SessionUsage
from runtime.model.outcomes import SessionProcess
from runtime.model.record import Record, TerminalSize
from runtime.model.stuck import Stuck


class InspectExecProcess(msgspec.Struct, frozen=True, kw_only=True):
    """The ProcessConfig block of `inspect` (libpod define.InspectExecProcess)."""

    arguments: list[str]
    entrypoint: str
    privileged: bool
    tty: bool
    user: str


class InspectMonitor(Record, frozen=True, kw_only=True, rename="camel"):
    """The session's conmon. `alive` is False for one that was killed and is not yet missed."""

    pid: int
    start_time: int
    alive: bool


class InspectKeptOutput(Record, frozen=True, kw_only=True, rename="camel"):
    """The log that keeps a running session's output.

    `bytes` is the size of the file and `cap` the size at which it is begun anew (0: never, None:
    not known); `rotated` tells that it was, so that the oldest output is gone.
    """

    path: str
    bytes: int
    cap: int | None
    rotated: bool


class InspectExecSession(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What `inspect` tells of a session (libpod define.InspectExecSession, then our own fields).

    `exit_code` is -1 where the code was lost, 0 while the session has not ended, as in libpod.
    `start_time` and `process_state` are those of the first process, 0 and "" where there is none.
    `created_by` is None where that is not known, `monitor` and `kept_output` where there is none.
    Of sessions that are not recorded, what only their engine knows is empty. From `origin` on it
    is told what their processes tell of all sessions: `user_inside` and `user_outside` are the
    first process's user as the container and the host have it, `processes` its tree.
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
    start_time: int
    process_state: str
    created_by: Client | None
    monitor: InspectMonitor | None
    kept_output: InspectKeptOutput | None
    origin: str = "exectop"
    certainty: Certainty = Certainty.CERTAIN
    recorded: bool = True
    left_by: str = ""
    user_inside: str = ""
    user_outside: int | None = None
    size: TerminalSize | None = None
    idle: float | None = None
    usage: SessionUsage = SessionUsage()
    processes: list[SessionProcess] = []
    client: SessionClient = SessionClient()
    actions: SessionActions = SessionActions()
    stuck: list[Stuck] = []
