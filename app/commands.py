"""What the screens ask of the background worker: one frozen record a request.

A request is answered by messages of `app.messages`. Attachments are named by the app: an
`attachment` is a number that `app.attachments` hands out, unique in this program's life.
"""

from __future__ import annotations

import dataclasses

from runtime.model import ContainerInfo, ExecConfig, TerminalSize


@dataclasses.dataclass(frozen=True, slots=True)
class Refresh:
    """Take an overview now (answered by `OverviewTaken`)."""


@dataclasses.dataclass(frozen=True, slots=True)
class OpenShell:
    """Start the best shell of the container, attached (`Attached`, then output)."""

    attachment: int
    container: ContainerInfo
    size: TerminalSize


@dataclasses.dataclass(frozen=True, slots=True)
class RunExec:
    """Create and start a session; attached unless `detach` (then `SessionStarted` answers)."""

    attachment: int
    container: ContainerInfo
    config: ExecConfig
    size: TerminalSize
    detach: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Attach:
    """Attach to a running session: the kept output is replayed, then live output follows.

    `rescue` takes the terminal of another program's session; the person has agreed to that.
    """

    attachment: int
    session_id: str
    size: TerminalSize
    rescue: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Write:
    """Send input bytes to an attached session, in order, whole."""

    attachment: int
    data: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class CloseInput:
    """Tell an attached session without tty that no more input comes (ctrl-d there)."""

    attachment: int


@dataclasses.dataclass(frozen=True, slots=True)
class Acknowledge:
    """The screen has taken `size` bytes of output: the worker may send that much more.

    Bounds what is under way between worker and screen; output is never dropped.
    """

    attachment: int
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Resize:
    """Set the size of an attached session's terminal; the newest of several wins."""

    attachment: int
    size: TerminalSize


@dataclasses.dataclass(frozen=True, slots=True)
class Detach:
    """Leave an attached session running (answered by `Detached`)."""

    attachment: int


@dataclasses.dataclass(frozen=True, slots=True)
class Stop:
    """Stop sessions: SIGTERM, `timeout` seconds, SIGKILL (`StopProgressed` per step)."""

    session_ids: tuple[str, ...]
    timeout: float


@dataclasses.dataclass(frozen=True, slots=True)
class Cleanup:
    """Remove the temporary files of ended sessions (`CommandDone`)."""

    session_ids: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Remove:
    """Remove sessions from the records; with `force` running ones are stopped first."""

    session_ids: tuple[str, ...]
    force: bool = False


Command = (
    Refresh
    | OpenShell
    | RunExec
    | Attach
    | Write
    | CloseInput
    | Acknowledge
    | Resize
    | Detach
    | Stop
    | Cleanup
    | Remove
)
