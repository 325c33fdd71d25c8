"""Every error the layer raises: one root that carries ids, an exit code, an HTTP status and a hint.

So neither the command line, nor the dashboard, nor an HTTP socket needs a chain of isinstance
checks. Class names follow libpod's (`ErrNoSuchCtr` is `NoSuchContainerError`); exit codes follow
podman-exec(1): 125 for our own failures, 126 for a command that cannot be invoked, 127 for one
that is not found.
"""

from __future__ import annotations

from typing import ClassVar


class ExectopError(Exception):
    """The root of all errors a user may see.

    `message` says what went wrong, `hint` what to do next; `container_id` and `session_id` tell
    which object it is about, where there is one.
    """

    exit_code: ClassVar[int] = 125
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        container_id: str = "",
        session_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.container_id = container_id
        self.session_id = session_id

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InvalidArgumentError(ExectopError):
    """A request that can never work as it is (libpod ErrInvalidArg)."""

    http_status = 400


class NoSuchContainerError(ExectopError):
    """No container has that name or id (libpod ErrNoSuchCtr)."""

    http_status = 404


class NoSuchSessionError(ExectopError):
    """No exec session has that id (libpod ErrNoSuchExecSession)."""

    http_status = 404


class AmbiguousReferenceError(ExectopError):
    """A name or id prefix that fits more than one object."""

    http_status = 409


class ContainerStateError(ExectopError):
    """The container is not in the state the request needs (libpod ErrCtrStateInvalid)."""

    http_status = 409


class SessionStateError(ExectopError):
    """The session is not in the state the request needs (libpod ErrExecSessionStateInvalid)."""

    http_status = 409


class NoShellError(ExectopError):
    """The container has none of the shells that were looked for."""

    exit_code = 127
    http_status = 409


class NoSuchUserError(ExectopError):
    """The user or group does not exist in the container's passwd or group file."""

    exit_code = 126
    http_status = 400


class RuntimeMissingError(ExectopError):
    """The OCI runtime or conmon is not installed where it was looked for."""


class ConmonError(ExectopError):
    """conmon itself failed, as opposed to the OCI runtime it drives (libpod ErrConmonDead)."""


class OCIRuntimeError(ExectopError):
    """The OCI runtime refused to start the process (libpod ErrOCIRuntime)."""


class CannotInvokeError(OCIRuntimeError):
    """The command exists but cannot be run (libpod ErrOCIRuntimePermissionDenied): 126."""

    exit_code = 126
    http_status = 400


class CommandNotFoundError(OCIRuntimeError):
    """The command is not there (libpod ErrOCIRuntimeNotFound): 127."""

    exit_code = 127
    http_status = 400


class StopFailedError(ExectopError):
    """Processes of the session outlived SIGKILL and the wait after it."""


class ExecTimeoutError(ExectopError):
    """A command ran for longer than its time limit, and was ended (libpod health checks)."""

    http_status = 408


class StreamFormatError(ExectopError):
    """A peer sent what its protocol does not have; the stream makes no sense from there on."""

    http_status = 502


class LockTimeoutError(ExectopError):
    """Another process held the container's lock for too long."""

    http_status = 503


class StateError(ExectopError):
    """The state database or a state folder cannot be used."""


class DamagedStateError(StateError):
    """The state database is no database any more, or is damaged."""


class AccessDeniedError(ExectopError):
    """The operating system denied access that the request needs."""

    http_status = 403


class SettingsError(ExectopError):
    """A configuration file or option that cannot be used."""
