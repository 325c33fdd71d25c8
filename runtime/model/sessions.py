"""Exec sessions: what they run, what is recorded of them, how lists show them."""

from __future__ import annotations

import enum

from runtime.model.containers import ContainerInfo
from runtime.model.events import Client
from runtime.model.foreign import Certainty, SessionActions, SessionClient, SessionUsage
from runtime.model.outcomes import SessionProcess
from runtime.model.record import ProcessIdentity, Record, TerminalSize
from runtime.model.stuck import Stuck


class ExecConfig(Record, frozen=True, kw_only=True, rename="camel"):
    """What an exec session runs, and how (libpod ExecConfig).

    `detach_keys` None means the default keys, "" means none. `user` "" means the container's
    own user and `work_dir` "" the container's own working directory. `preserve_fds` passes on
    that many inheritable descriptors from 3 on, `preserve_fd` the named ones; numbers between
    them are /dev/null in the session. `exit_command` is run when the
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
    is None until the session ended, and stays None where the code was lost or the session never
    ran. `client` created the session while `container_init` was its container's first process;
    both are None where that is not known. `output_cap` is how much output is kept, in bytes (0:
    all of it). A `legacy` session was taken over from an old libpod and has no monitor.
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
    output_cap: int | None = None
    client: Client | None = None
    container_init: ProcessIdentity | None = None
    legacy: bool = False

    @property
    def pid(self) -> int:
        """Host pid of the first process, 0 when there is none."""
        return self.process.pid if self.process else 0


class LegacyExecSession(Record, frozen=True, kw_only=True, rename="camel"):
    """All that libpod recorded of an exec session before podman 2 (libpod legacyExecSession)."""

    id: str
    command: list[str]
    pid: int


class SessionInfo(Record, frozen=True, kw_only=True, rename="camel"):
    """One line of the session list: a session and what is known of it at this moment.

    `origin` is what began it: "exectop", "podman", "cri-o", "docker", "containerd", "runc",
    "crun" and the like, "nsenter" for a process that entered the container's namespaces in
    another way, "orphan" for what an ended session left running. `recorded` sessions are in this
    engine's own records; the others were found by their processes, with `certainty`. `left_by` is
    the id of the ended session that left an orphan, where it is known.

    `pid` and `start_time` name the first process (0 when there is none), `owner` is its user as
    the host has it and `user` as the container does. `attached` is the number of viewers.
    `monitor_alive` is False for a process that outlived its conmon: a recorded session then
    counts as stopped, with an unknown exit code; it can be stopped once more, which ends the
    process, but not attached to. `idle` is how many seconds ago something was typed into its
    terminal or printed there, in steps of eight (the kernel's); None where there is no terminal.
    `size`, `client`, `tree` and the usage are what a list can know at little cost; `inspect`
    tells the rest. `stuck` is what is the matter with it: nothing, for most.
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
    certainty: Certainty = Certainty.CERTAIN
    recorded: bool = True
    left_by: str = ""
    tree: list[SessionProcess] = []
    size: TerminalSize | None = None
    idle: float | None = None
    usage: SessionUsage = SessionUsage()
    client: SessionClient = SessionClient()
    actions: SessionActions = SessionActions()
    stuck: list[Stuck] = []

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
