"""libpod's ExecCreate, ExecStart and ExecStartAndAttach.

Each takes the container's lock, looks at the state anew, checks the preconditions in libpod's
order, and leaves a record that is true. As in libpod the lock is not held while attached.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import secrets
import time
from collections.abc import Callable

import msgspec

from runtime.errors import (
    ContainerStateError,
    ExectopError,
    InvalidArgumentError,
    NoSuchContainerError,
)
from runtime.kernel.client import this_client
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.proc import boot_id
from runtime.model import (
    ContainerInfo,
    ContainerState,
    EventName,
    ExecConfig,
    ExecSession,
    ExecState,
    TerminalSize,
)
from runtime.oci.base import StartedProcess
from runtime.oci.container import ContainerSource
from runtime.oci.reports import next_report
from runtime.protocol.session_state import Verb, require
from runtime.sessions.attachment import BOTH_STREAMS, Attachment
from runtime.sessions.records import Records
from runtime.sessions.settle import EXIT_TIMEOUT
from runtime.sessions.starting import Starter


class Beginning:
    """Creates and starts sessions."""

    def __init__(self, records: Records, containers: ContainerSource, starter: Starter) -> None:
        self._records = records
        self._containers = containers
        self._starter = starter

    async def create(self, container: ContainerInfo, config: ExecConfig) -> str:
        """Record a new session, not started (libpod ExecCreate). Gives its id, 64 hex digits."""
        session_id = secrets.token_hex(32)
        async with self._records.places.session_locked(container.key, session_id):
            _check(config)
            container = self._running_container(
                container.root, container.id, "create exec sessions in"
            )
            session = ExecSession(
                id=session_id,
                container_id=container.id,
                container_key=container.key,
                container_name=container.name,
                container_root=container.root,
                state=ExecState.CREATED,
                config=config,
                created=time.time(),
                boot_id=boot_id(),
                owner=os.getuid(),
                client=this_client(),
                container_init=container.init,
            )
            await self._records.store.add(
                session, self._records.events.adding(session, EventName.CREATE)
            )
            return session.id

    async def start(self, session_id: str, size: TerminalSize | None) -> None:
        """Start a created session without attaching to it (libpod ExecStart)."""
        _, started = await self._start(session_id, size, lambda config: config, attach=False)
        started.close()

    async def start_and_attach(
        self,
        session_id: str,
        size: TerminalSize | None,
        adapt: Callable[[ExecConfig], ExecConfig] = lambda config: config,
    ) -> Attachment:
        """Start a created session, attached from before its first byte (ExecStartAndAttach).

        `adapt` checks the configuration it was created with once the states are known to be
        right, and gives the one that it is started with, which is recorded.
        """
        session, started = await self._start(session_id, size, adapt, attach=True)
        assert started.connection is not None

        async def reported() -> int | None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EXIT_TIMEOUT):
                    report = await next_report(started.reports)
                    if report is not None:
                        return None if report.failed else report.data
                    await wait_ended(started.monitor)  # it is about to be gone
            return None

        return Attachment(
            session,
            self._records.places.bundle(session),
            started.connection,
            functools.partial(self._records.settler.settle, session_id),
            from_start=True,
            reports=started.reports,
            reported=reported,
            streams=_wanted_streams(session.config),
            left=functools.partial(self._records.events.note, session, EventName.DETACH),
        )

    async def _start(
        self,
        session_id: str,
        size: TerminalSize | None,
        adapt: Callable[[ExecConfig], ExecConfig],
        *,
        attach: bool,
    ) -> tuple[ExecSession, StartedProcess]:
        session = self._records.store.get(session_id)
        async with self._records.places.session_locked(session.container_key, session_id):
            container = self._running_container(
                session.container_root, session.container_id, "start exec sessions in"
            )
            session = self._records.store.get(session_id)
            require(Verb.START, session.state, session_id)
            session = msgspec.structs.replace(session, config=adapt(session.config))
            _check_descriptors(session.config)
            record = self._containers.record(container)
            if record is None:
                raise _gone(session.container_id)
            bundle = self._records.places.bundle(session)
            started = await self._starter.start(
                session, container, record, bundle, size=size, attach=attach
            )
        return session, started

    def _running_container(self, root: str, container_id: str, doing: str) -> ContainerInfo:
        container = self._containers.refresh(root, container_id)
        if container is None:
            raise _gone(container_id)
        if container.state is not ContainerState.RUNNING:
            raise ContainerStateError(
                f"cannot {doing} container {container.name}: it is {container.state}",
                hint="it has to be running",
                container_id=container_id,
            )
        return container


def _wanted_streams(config: ExecConfig) -> frozenset[int]:
    # As in libpod these choices are for sessions without a terminal only.
    if config.terminal:
        return BOTH_STREAMS
    wanted = {1: config.attach_stdout, 2: config.attach_stderr}
    return frozenset(stream for stream, attached in wanted.items() if attached)


def _check(config: ExecConfig) -> None:
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


def _check_descriptors(config: ExecConfig) -> None:
    for number in (*range(3, 3 + config.preserve_fds), *config.preserve_fd):
        try:
            os.fstat(number)
        except OSError as error:
            raise InvalidArgumentError(
                f"descriptor {number} cannot be passed on: it is not open",
                hint="open it before the session is started",
            ) from error
        if number < 3:
            raise InvalidArgumentError("descriptors 0 to 2 are the session's own streams")


def _gone(container_id: str) -> ExectopError:
    return NoSuchContainerError(
        f"no container {container_id}", hint="exectop ps lists them", container_id=container_id
    )
