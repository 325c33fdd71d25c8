"""The records the layer speaks in: frozen, typed, and serialisable to JSON.

Names and JSON keys are libpod's where the concept is libpod's (`ExecConfig`, `ExecSession`).
Times are seconds since the epoch (float) inside, RFC 3339 in UTC on the command line's JSON.
"""

from __future__ import annotations

import enum
import hashlib

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What all records share: immutable, keyword-only, camelCase in JSON."""


class TerminalSize(Record, frozen=True, kw_only=True, rename="camel"):
    """The size of a terminal in character cells (struct winsize, libpod resize.TerminalSize)."""

    rows: int
    columns: int


class ProcessIdentity(Record, frozen=True, kw_only=True, rename="camel"):
    """A process: its pid and its start time in clock ticks since boot (proc(5) stat, field 22).

    A pid alone is never enough: it may be another process by the time one looks again.
    """

    pid: int
    start_time: int


class ContainerState(enum.StrEnum):
    """States of a container, by the OCI runtime specification, and paused as runc and crun do."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class ContainerInfo(Record, frozen=True, kw_only=True, rename="camel"):
    """One container, as the state folder of its OCI runtime tells.

    `id` is unique only within `root`; `key` is unique on the host. `init` is None unless the
    container's first process lives. `runtime` is the name of the OCI runtime ("runc", "crun"),
    `engine` of what made the container ("podman", "docker", … or the runtime itself).
    """

    id: str
    name: str
    engine: str
    runtime: str
    root: str
    bundle: str
    state: ContainerState
    init: ProcessIdentity | None = None
    created: float | None = None
    demo: bool = False

    @property
    def key(self) -> str:
        """A name for this container that is unique on the host and safe as a file name."""
        return container_key(self.root, self.id)

    @property
    def pid(self) -> int:
        """Host pid of the first process, 0 when there is none."""
        return self.init.pid if self.init else 0


def container_key(root: str, container_id: str) -> str:
    """32 hex digits that name the container `container_id` of the runtime root `root`."""
    return hashlib.sha256(f"{root}\0{container_id}".encode()).hexdigest()[:32]


class ExecConfig(Record, frozen=True, kw_only=True, rename="camel"):
    """What an exec session runs, and how (libpod ExecConfig).

    `detach_keys` None means the default keys, "" means none. `user` "" means the container's
    own user and `work_dir` "" the container's own working directory. `preserve_fds` passes on
    that many descriptors from 3 on, `preserve_fd` the named ones. `exit_command` is run when the
    session has ended, with its id and the container's appended, `exit_command_delay` seconds
    later.
    """

    command: list[str]
    terminal: bool = False
    attach_stdin: bool = False
    attach_stdout: bool = False
    attach_stderr: bool = False
    detach_keys: str | None = None
    environment: dict[str, str] = {}
    privileged: bool = False
    user: str = ""
    work_dir: str = ""
    preserve_fds: int = 0
    preserve_fd: list[int] = []
    exit_command: list[str] = []
    exit_command_delay: int = 0


class ExecState(enum.StrEnum):
    """States of an exec session (libpod ContainerExecStatus): created → running → stopped."""

    CREATED = "created"
    RUNNING = "running"
    STOPPED = "stopped"


class ExecSession(Record, frozen=True, kw_only=True, rename="camel"):
    """One exec session as recorded (libpod ExecSession, and what a monitor needs beyond it).

    `process` is the session's first process and `monitor` its conmon, None while there is none.
    A stopped session that has a process lost its monitor, and the process lives on. `exit_code`
    is None until the session ended, and stays None where the code was lost.
    """

    id: str
    container_id: str
    container_key: str
    container_name: str
    container_root: str
    state: ExecState
    config: ExecConfig
    created: float
    boot_id: str
    process: ProcessIdentity | None = None
    monitor: ProcessIdentity | None = None
    exit_code: int | None = None
    started: float | None = None
    finished: float | None = None
    owner: int = 0
    initial_size: TerminalSize | None = None
    keeps_output: bool = False

    @property
    def pid(self) -> int:
        """Host pid of the first process, 0 when there is none."""
        return self.process.pid if self.process else 0


class SessionInfo(Record, frozen=True, kw_only=True, rename="camel"):
    """One line of the session list: a session and what is known of it at this moment.

    `origin` is "exectop" for sessions of ours. `pid` and `start_time` name the first process (0
    when there is none). `attached` is the number of viewers. `monitor_alive` is False for a
    process that outlived its conmon: its session counts as stopped, with an unknown exit code;
    it can be stopped once more, which ends the process, but not attached to.
    """

    id: str
    container_id: str
    container_key: str
    container_name: str
    origin: str
    state: ExecState
    pid: int
    start_time: int
    command: list[str]
    tty: bool
    user: str
    created: float
    started: float | None = None
    finished: float | None = None
    exit_code: int | None = None
    attached: int = 0
    monitor_alive: bool = True
    owner: int = 0

    @property
    def orphaned(self) -> bool:
        """Whether its process lives on without a monitor."""
        return self.pid > 0 and not self.monitor_alive

    @property
    def has_process(self) -> bool:
        """Whether there is a process to stop."""
        return self.state is ExecState.RUNNING or self.orphaned


class Overview(Record, frozen=True, kw_only=True, rename="camel"):
    """Everything the dashboard lists, taken at one moment.

    `problems` are sentences about what could not be read, for the user.
    """

    containers: list[ContainerInfo]
    sessions: list[SessionInfo]
    problems: list[str] = []
    taken: float = 0.0


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


class ExecResult(Record, frozen=True, kw_only=True, rename="camel"):
    """What a command that ran to its end gave. `exit_code` is None where it was lost.

    `stdout` and `stderr` hold at most as much as was asked for; `truncated` tells of more.
    """

    exit_code: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool = False


class SessionProcess(Record, frozen=True, kw_only=True, rename="camel"):
    """A process of a session, and the rule that found it.

    `rule` is "leader", "parentage" (a descendant of the leader), "session" (in the leader's
    kernel session, setsid(2)) or "marker" (carries the session's id in its environment).
    """

    process: ProcessIdentity
    command: str
    rule: str


class StopStep(Record, frozen=True, kw_only=True, rename="camel"):
    """One step of stopping a session, for progress.

    `phase` is "term" (SIGTERM sent, `remaining` of `timeout` seconds left before SIGKILL),
    "kill" (SIGKILL sent) or "stopped" (ended, with `exit_code`). `processes` are those that
    still run.
    """

    session_id: str
    phase: str
    timeout: float
    remaining: float
    exit_code: int | None = None
    processes: list[SessionProcess] = []


class Client(Record, frozen=True, kw_only=True, rename="camel"):
    """Who did something: user, login (which survives sudo), program and its terminal."""

    uid: int
    loginuid: int | None
    sudo_user: str
    pid: int
    tty: str


class EventName(enum.StrEnum):
    """What can happen to a session; libpod's names where it has them."""

    CREATE = "exec_create"
    START = "exec_start"
    ATTACH = "exec_attach"
    DETACH = "exec_detach"
    RESIZE = "exec_resize"
    STOP = "exec_stop"
    DIED = "exec_died"
    CLEANUP = "exec_cleanup"
    REMOVE = "exec_remove"


class Event(Record, frozen=True, kw_only=True, rename="camel"):
    """Something that happened to a session, and who did it.

    `exit_code` is of `exec_died` only, None where it was lost; `detail` says more, for people.
    """

    time: float
    name: EventName
    session_id: str
    container_id: str
    container_name: str
    client: Client
    exit_code: int | None = None
    detail: str = ""


class Output(Record, frozen=True, kw_only=True, rename="camel", tag=True):
    """Bytes the session printed. `stream` is 1 stdout (and everything of a tty) or 2 stderr.

    `replay` is True for kept output from before this attachment.
    """

    data: bytes
    stream: int = 1
    replay: bool = False


class SizeChanged(Record, frozen=True, kw_only=True, rename="camel", tag=True):
    """From here on the kept output was printed at this size; comes only during the replay."""

    size: TerminalSize


class CaughtUp(Record, frozen=True, kw_only=True, rename="camel", tag=True):
    """The replay is over; what follows is live.

    `truncated` is True where older output had been dropped (the cap on kept output), or where
    none is kept.
    """

    truncated: bool = False


class Ended(Record, frozen=True, kw_only=True, rename="camel", tag=True):
    """The session ended, or its monitor did. `exit_code` is None where the code was lost."""

    exit_code: int | None = None


AttachEvent = Output | SizeChanged | CaughtUp | Ended


class EngineSettings(Record, frozen=True, kw_only=True, rename="camel"):
    """What the engine needs to know to work on this host.

    `state_dir` holds the database, `run_dir` bundles and locks. `roots` are the state folders of
    OCI runtimes to look in; empty means the usual ones. `stop_timeout` is in seconds,
    `kept_output` in bytes a session (0: no cap). Of the newest `events_count` events those of
    the last `events_days` days are kept. The three programs are names for PATH or paths.
    """

    state_dir: str
    run_dir: str
    roots: list[str] = []
    stop_timeout: float = 10.0
    kept_output: int = 8 * 1024 * 1024
    events_count: int = 10_000
    events_days: float = 90.0
    runc: str = "runc"
    crun: str = "crun"
    conmon: str = "conmon"
