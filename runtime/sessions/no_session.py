"""Running a command without a session record (libpod ExecNoSession, podman exec --no-session).

The database is neither read nor written, and no events are noted. A bundle is needed for conmon
all the same; it is marked as its owner's (`runtime.sessions.owner`), so that recovery leaves it
alone for as long as the owner lives.
"""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator

from runtime.errors import ExectopError
from runtime.kernel.environ import pid_namespace
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import boot_id, is_alive
from runtime.model import (
    ContainerInfo,
    ExecConfig,
    ExecSession,
    ExecState,
    ProcessIdentity,
    TerminalSize,
)
from runtime.oci.base import Monitor, StartedProcess
from runtime.oci.bundle import ExecBundle
from runtime.oci.container import ContainerSource
from runtime.sessions.attachment import Attachment, attached_streams
from runtime.sessions.observe import read_exit_code
from runtime.sessions.owner import note_owner
from runtime.sessions.places import Places
from runtime.sessions.preconditions import (
    check_config,
    check_descriptors,
    container_record,
    running_container,
)
from runtime.sessions.remains import examine
from runtime.sessions.settle import EXIT_TIMEOUT
from runtime.sessions.starting import start_request
from runtime.sessions.stop import end_processes
from runtime.sessions.tree import SessionTree


class NoSession:
    """Runs commands of which nothing is recorded, and nothing is left."""

    def __init__(self, places: Places, containers: ContainerSource, monitor: Monitor) -> None:
        self._places = places
        self._containers = containers
        self._monitor = monitor

    @contextlib.asynccontextmanager
    async def attached(
        self, container: ContainerInfo, config: ExecConfig, size: TerminalSize | None = None
    ) -> AsyncIterator[Attachment]:
        """The command, attached from before its first byte.

        When the context is left, what still runs of it is ended and its files are removed.
        """
        session = _unrecorded(container, config)
        bundle = self._places.bundle(session)
        started = await self._start(session, bundle, size)
        try:
            assert started.connection is not None
            attachment = Attachment(
                session,
                bundle,
                started.connection,
                None,
                settle=functools.partial(_noted_exit_code, bundle),
                from_start=True,
                reports=started.reports,
                reported=functools.partial(started.wait_exit_code, EXIT_TIMEOUT),
                streams=attached_streams(config),
            )
            try:
                yield attachment
            finally:
                await attachment.close()
        finally:
            await end_at_once(session.id, started.process, started.monitor)
            await self._remove(session, bundle)

    async def _start(
        self, session: ExecSession, bundle: ExecBundle, size: TerminalSize | None
    ) -> StartedProcess:
        async with self._places.session_locked(session.container_key, session.id):
            check_config(session.config)
            container = running_container(
                self._containers,
                session.container_root,
                session.container_id,
                "start exec sessions in",
            )
            check_descriptors(session.config)
            record = container_record(self._containers, container)
            try:
                bundle.create()
                note_owner(bundle)
                request = start_request(session, container, record, bundle, size, None)
                return await self._monitor.start(request, attach=True)
            except BaseException:
                await bundle.remove()
                raise

    async def _remove(self, session: ExecSession, bundle: ExecBundle) -> None:
        # Locked, so that nobody finds it half removed and without its owner's note.
        async with self._places.session_locked(session.container_key, session.id):
            await bundle.remove()


def _unrecorded(container: ContainerInfo, config: ExecConfig) -> ExecSession:
    """What the record would be."""
    return ExecSession(
        id=secrets.token_hex(32),
        container_id=container.id,
        container_key=container.key,
        container_name=container.name,
        container_root=container.root,
        state=ExecState.RUNNING,
        config=config,
        created=time.time(),
        boot_id=boot_id(),
        owner=os.getuid(),
    )


async def _noted_exit_code(bundle: ExecBundle) -> int | None:
    return read_exit_code(bundle)


async def end_at_once(
    session_id: str, leader: ProcessIdentity | None, monitor: ProcessIdentity | None
) -> int:
    """End what runs of a session, and its monitor with it; gives how many processes there were.

    A command that has ended by itself may have left others behind: they are nobody's any more.
    Raises StopFailedError and AccessDeniedError.
    """
    ended = 0
    if leader is not None and is_alive(leader):
        tree = SessionTree(session_id, leader, pid_namespace(leader.pid))
        async for step in end_processes(session_id, tree, 0):
            ended = len(step.processes)
    if monitor is not None and not await wait_ended(monitor, EXIT_TIMEOUT):
        send_signal(monitor, signal.SIGKILL)  # it may be waiting for a slow exit command
    return ended


async def clear_abandoned(bundle: ExecBundle) -> str:
    """Clear away what is left of a command whose owner has died; says what was done.

    Its caller holds the session's lock. Gives "" where the runtime or the monitor is still at
    work: the next look will tell.
    """
    session_id = bundle.folder.name
    remains = examine(bundle, session_id)
    if remains.busy and remains.process is None:
        return ""
    try:
        ended = await end_at_once(session_id, remains.process, remains.monitor)
    except ExectopError as error:
        return f"the program that ran it without a record died, but {error}"
    await bundle.remove()
    return f"the program that ran it without a record died; {_ended(ended)}its files were removed"


def _ended(count: int) -> str:
    if not count:
        return ""
    return f"{count} process{'es' if count > 1 else ''} ended, "
