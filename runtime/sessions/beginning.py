"""libpod's ExecCreate, ExecStart and ExecStartAndAttach.

Each takes the container's lock, looks at the state anew, checks the preconditions in libpod's
order, and leaves a record that is true. As in libpod the lock is not held while attached.
"""

from __future__ import annotations

import functools
import os
import secrets
import time
from collections.abc import Callable

import msgspec

from runtime.kernel.client import this_client
from runtime.kernel.proc import boot_id
from runtime.model import (
    ContainerInfo,
    EventName,
    ExecConfig,
    ExecSession,
    ExecState,
    TerminalSize,
)
from runtime.oci.base import StartedProcess
from runtime.oci.container import ContainerSource
from runtime.protocol.session_state import Verb, require
from runtime.sessions.attachment import Attachment, attached_streams
from runtime.sessions.kept_output import open_kept_output
from runtime.sessions.preconditions import (
    check_config,
    check_descriptors,
    container_record,
    require_same_run,
    running_container,
)
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
            check_config(config)
            container = running_container(
                self._containers, container.root, container.id, "create exec sessions in"
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
        bundle = self._records.places.bundle(session)
        return Attachment(
            session,
            bundle,
            started.connection,
            open_kept_output(bundle.kept_output),
            settle=functools.partial(self._records.settler.settle, session_id),
            left=functools.partial(self._records.events.note, session, EventName.DETACH),
            from_start=True,
            reports=started.reports,
            reported=functools.partial(started.wait_exit_code, EXIT_TIMEOUT),
            streams=attached_streams(session.config),
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
            container = running_container(
                self._containers,
                session.container_root,
                session.container_id,
                "start exec sessions in",
            )
            session = self._records.store.get(session_id)
            require_same_run(session, container)
            require(Verb.START, session.state, session_id)
            session = msgspec.structs.replace(session, config=adapt(session.config))
            check_descriptors(session.config)
            record = container_record(self._containers, container)
            bundle = self._records.places.bundle(session)
            started = await self._starter.start(
                session, container, record, bundle, size=size, attach=attach
            )
        return session, started
