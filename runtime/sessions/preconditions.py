"""What has to hold before a session is created or started, in libpod's order."""

from __future__ import annotations

import os

from runtime.errors import (
    AccessDeniedError,
    ContainerStateError,
    ExectopError,
    InvalidArgumentError,
    NoSuchContainerError,
    SessionStateError,
)
from runtime.model import (
    ContainerInfo,
    ContainerState,
    ExecConfig,
    ExecSession,
    TerminalSize,
)
from runtime.oci.container import ContainerRecord, ContainerSource


def running_container(
    containers: ContainerSource, root: str, container_id: str, doing: str
) -> ContainerInfo:
    """The container as it is now. Raises NoSuchContainerError, and ContainerStateError.

    `doing` says in the message what it has to be running for.
    """
    container = containers.refresh(root, container_id)
    if container is None:
        raise _gone(container_id)
    if container.owner not in (0, os.geteuid()):
        # The runtime would do what its state files say, and those are the owner's to write.
        raise AccessDeniedError(
            f"cannot {doing} container {container.name}: it is user {container.owner}'s",
            hint="run exectop as that user",
            container_id=container_id,
        )
    if container.state is not ContainerState.RUNNING:
        raise ContainerStateError(
            f"cannot {doing} container {container.name}: it is {container.state}",
            hint="it has to be running",
            container_id=container_id,
        )
    return container


def require_same_run(session: ExecSession, container: ContainerInfo) -> None:
    """Raise SessionStateError for a session that was created in an earlier run of the container.

    libpod forgets such sessions when it starts the container (container_internal.go init).
    """
    if session.container_init not in (None, container.init):
        raise SessionStateError(
            f"cannot start exec session {session.id[:12]}: container {container.name} was started "
            "anew since it was created",
            hint="create a new session",
            session_id=session.id,
        )


def container_record(containers: ContainerSource, container: ContainerInfo) -> ContainerRecord:
    """What the runtime noted of the container. Raises NoSuchContainerError."""
    record = containers.record(container)
    if record is None:
        raise _gone(container.id)
    return record


def check_config(config: ExecConfig) -> None:
    """Raise InvalidArgumentError for a configuration that can never be run."""
    if not config.command or not config.command[0]:
        raise InvalidArgumentError(
            "an exec session needs a command", hint="give at least the program to run"
        )
    for text in (*config.command, *config.environment.values(), config.work_dir, config.user):
        if "\0" in text:
            raise InvalidArgumentError("a NUL byte cannot be passed to a program")
        if not _is_text(text):
            raise _no_text(text)
    if config.exit_command_delay and not config.exit_command:
        raise InvalidArgumentError("a delay of the exit command needs an exit command")
    for name in config.environment:
        if not name or "=" in name or "\0" in name:
            raise InvalidArgumentError(f"{name!r} is no name for an environment variable")
        if not _is_text(name):
            raise _no_text(name)


def _is_text(text: str) -> bool:
    # Bytes of a command line that are no UTF-8 stand in a str as surrogates.
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _no_text(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"{text!r} is not valid UTF-8",
        hint="OCI runtimes take text only; let a shell in the container make the bytes",
    )


def check_size(size: TerminalSize) -> None:
    """Raise InvalidArgumentError for a size that no terminal has (struct winsize)."""
    if size.rows < 1 or size.columns < 1 or size.rows > 65535 or size.columns > 65535:
        raise InvalidArgumentError(f"no terminal is {size.columns} columns by {size.rows} rows")


def check_descriptors(config: ExecConfig) -> None:
    """Raise InvalidArgumentError for descriptors that cannot be passed on."""
    for number in (*range(3, 3 + config.preserve_fds), *config.preserve_fd):
        if number < 3:
            raise InvalidArgumentError("descriptors 0 to 2 are the session's own streams")
        try:
            inheritable = os.get_inheritable(number)
        except OSError as error:
            raise InvalidArgumentError(
                f"descriptor {number} cannot be passed on: it is not open",
                hint="open it before the session is started",
            ) from error
        # What is not meant to be inherited is our own: the database, the loop's sockets.
        if not inheritable:
            raise InvalidArgumentError(
                f"descriptor {number} cannot be passed on: it is closed on exec",
                hint="make it inheritable first, if it is meant for the session",
            )


def _gone(container_id: str) -> ExectopError:
    return NoSuchContainerError(
        f"no container {container_id}", hint="exectop ps lists them", container_id=container_id
    )
