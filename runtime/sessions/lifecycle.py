"""libpod's verbs on exec sessions: create, start, attach, resize, stop, clean up, remove.

Each takes the container's lock, looks at the state anew, checks the preconditions in libpod's
order, and leaves a record that is true. Locks are held for moments: not while a viewer is
attached, as in libpod, and not while processes are given time to end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec

from runtime.errors import (
    ContainerStateError,
    ExectopError,
    InvalidArgumentError,
    NoSuchContainerError,
    NoSuchSessionError,
    SessionStateError,
)
from runtime.kernel import tty
from runtime.kernel.flock import locked
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.proc import boot_id
from runtime.kernel.seqpacket import connect
from runtime.model import (
    ContainerInfo,
    ContainerState,
    ExecConfig,
    ExecSession,
    ExecState,
    StopStep,
    TerminalSize,
)
from runtime.oci.base import Monitor, StartedProcess
from runtime.oci.bundle import ExecBundle
from runtime.oci.container import ContainerSource
from runtime.oci.reports import next_report
from runtime.protocol.session_state import Verb, require
from runtime.sessions.attachment import Attachment
from runtime.sessions.kept_output import SizeJournal
from runtime.sessions.observe import Fate, observe
from runtime.sessions.starting import Starter
from runtime.sessions.stop import end_processes
from runtime.state.sessions import SessionStore

# How long conmon may take to note an exit code (libpod readExecExitCode).
_EXIT_TIMEOUT = 5.0
_LOCK_TIMEOUT = 60.0


class Lifecycle:
    """The verbs, over one store, one monitor and one run folder."""

    def __init__(
        self,
        store: SessionStore,
        containers: ContainerSource,
        monitor: Monitor,
        run_dir: Path,
        *,
        kept_output: int,
        stop_timeout: float,
    ) -> None:
        self._store = store
        self._containers = containers
        self._starter = Starter(store, monitor, kept_output)
        self._run_dir = run_dir
        self._stop_timeout = stop_timeout

    def bundle(self, session: ExecSession) -> ExecBundle:
        """The session's bundle, whether it is there or not."""
        folder = self._run_dir / "bundles" / session.container_key / session.id
        return ExecBundle(folder, session.container_id)

    def _locked(self, container_key: str, name: str) -> AbstractAsyncContextManager[None]:
        path = self._run_dir / "locks" / container_key
        return locked(path, timeout=_LOCK_TIMEOUT, what=f"container {name}")

    def _session_locked(self, session: ExecSession) -> AbstractAsyncContextManager[None]:
        return self._locked(session.container_key, session.container_name)

    async def create(self, container: ContainerInfo, config: ExecConfig) -> str:
        """Record a new session, not started (libpod ExecCreate). Gives its id, 64 hex digits."""
        async with self._locked(container.key, container.name):
            _check(config)
            self._running_container(container.root, container.id, "create exec sessions in")
            session = ExecSession(
                id=secrets.token_hex(32),
                container_id=container.id,
                container_key=container.key,
                container_name=container.name,
                container_root=container.root,
                state=ExecState.CREATED,
                config=config,
                created=time.time(),
                boot_id=boot_id(),
                owner=os.getuid(),
            )
            await self._store.add(session)
            return session.id

    async def start(self, session_id: str, size: TerminalSize | None) -> None:
        """Start a created session without attaching to it (libpod ExecStart)."""
        _, started = await self._start(session_id, size, attach=False)
        started.close()

    async def start_and_attach(self, session_id: str, size: TerminalSize | None) -> Attachment:
        """Start a created session, attached from before its first byte (ExecStartAndAttach)."""
        session, started = await self._start(session_id, size, attach=True)
        assert started.connection is not None

        async def settle() -> int | None:
            # The report follows the exit file; without one, settling tells what is known.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EXIT_TIMEOUT):
                    await next_report(started.reports)
            return await self.settle(session_id)

        return Attachment(
            session_id,
            self.bundle(session),
            started.connection,
            settle,
            from_start=True,
            reports=started.reports,
        )

    async def _start(
        self, session_id: str, size: TerminalSize | None, *, attach: bool
    ) -> tuple[ExecSession, StartedProcess]:
        session = self._store.get(session_id)
        async with self._session_locked(session):
            container = self._running_container(
                session.container_root, session.container_id, "start exec sessions in"
            )
            session = self._store.get(session_id)
            require(Verb.START, session.state, session_id)
            record = self._containers.record(container)
            if record is None:
                raise _gone(session.container_id)
            bundle = self.bundle(session)
            started = await self._starter.start(
                session, container, record, bundle, size=size, attach=attach
            )
        return session, started

    async def attach(self, session_id: str) -> Attachment:
        """Attach to a running session: kept output first, then live."""
        session = await self.refreshed(session_id)
        require(Verb.ATTACH, session.state, session_id)
        bundle = self.bundle(session)
        try:
            connection = await connect(bundle.attach_socket)
        except OSError as error:
            raise SessionStateError(
                f"exec session {session_id[:12]} cannot be attached to: its monitor is gone",
                hint="stop it, and start a new session",
                session_id=session_id,
            ) from error

        async def settle() -> int | None:
            await wait_ended(session.monitor, _EXIT_TIMEOUT)
            return await self.settle(session_id)

        return Attachment(session_id, bundle, connection, settle, from_start=False)

    async def resize(self, session_id: str, size: TerminalSize) -> None:
        """Set the size of a running session's terminal (libpod ExecResize)."""
        if size.rows < 1 or size.columns < 1 or size.rows > 65535 or size.columns > 65535:
            raise InvalidArgumentError(f"no terminal is {size.columns} columns by {size.rows} rows")
        session = self._store.get(session_id)
        require(Verb.RESIZE, session.state, session_id)
        if not session.config.terminal:
            raise SessionStateError(
                f"exec session {session_id[:12]} has no terminal",
                hint="start it with a tty",
                session_id=session_id,
            )
        if session.process is None or not tty.set_size(session.process, size):
            session = await self.refreshed(session_id)
            require(Verb.RESIZE, session.state, session_id)
            return  # the program has closed its terminal, and minds no size
        bundle = self.bundle(session)
        SizeJournal(bundle.sizes, bundle.kept_output).note(size)

    async def stop_steps(
        self, session_id: str, timeout: float | None
    ) -> AsyncGenerator[StopStep, None]:
        """Stop a running session, its whole tree (libpod ExecStop); tells how far it is."""
        allowed = self._stop_timeout if timeout is None else timeout
        session = self._store.get(session_id)
        require(Verb.STOP, session.state, session_id)
        observed = observe(session, self.bundle(session))
        if session.process is not None and observed.fate is not Fate.ENDED:
            async for step in end_processes(session_id, session.process, allowed):
                yield step
            await wait_ended(session.monitor, _EXIT_TIMEOUT)
        exit_code = await self.settle(session_id)
        yield StopStep(
            session_id=session_id,
            phase="stopped",
            timeout=allowed,
            remaining=0,
            exit_code=exit_code,
        )

    async def cleanup(self, session_id: str) -> None:
        """Remove the temporary files of a session that does not run (libpod ExecCleanup)."""
        session = await self.refreshed(session_id)
        async with self._session_locked(session):
            session = self._store.get(session_id)
            require(Verb.CLEANUP, session.state, session_id)
            await self.bundle(session).remove()

    async def remove(self, session_id: str, *, force: bool) -> None:
        """Forget a session (libpod ExecRemove); by force, a running one is stopped first."""
        session = await self.refreshed(session_id)
        if session.state is ExecState.RUNNING and force:
            async for _ in self.stop_steps(session_id, None):
                pass
        async with self._session_locked(session):
            session = self._store.get(session_id)
            require(Verb.REMOVE, session.state, session_id)
            await self.bundle(session).remove()
            await self._store.remove(session_id)

    async def refreshed(self, session_id: str) -> ExecSession:
        """The session as the world has it now: one that has ended is settled first."""
        session = self._store.get(session_id)
        if session.state is ExecState.RUNNING:
            if observe(session, self.bundle(session)).fate is Fate.ENDING:
                await wait_ended(session.monitor, _EXIT_TIMEOUT)
            await self.settle(session_id)
            session = self._store.get(session_id)
        return session

    async def settle(self, session_id: str) -> int | None:
        """Bring the record of a session that has ended up to date, and remove its bundle.

        The one way in which a running session becomes a stopped one. Does nothing for one that
        still runs. Gives the exit code, None where it is not known.
        """
        try:
            session = self._store.get(session_id)
        except NoSuchSessionError:
            return None
        async with self._session_locked(session):
            try:
                session = self._store.get(session_id)
            except NoSuchSessionError:
                return None  # removed while the lock was waited for
            if session.state is not ExecState.RUNNING:
                return session.exit_code
            observed = observe(session, self.bundle(session))
            if observed.fate is not Fate.ENDED:
                return None
            stopped = msgspec.structs.replace(
                session,
                state=ExecState.STOPPED,
                exit_code=observed.exit_code,
                process=None,
                monitor=None,
                finished=time.time(),
            )
            await self._store.update(stopped)
            await self.bundle(session).remove()
            return observed.exit_code

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


def _check(config: ExecConfig) -> None:
    if not config.command or not config.command[0]:
        raise InvalidArgumentError(
            "an exec session needs a command", hint="give at least the program to run"
        )
    for text in (*config.command, *config.environment.values(), config.work_dir, config.user):
        if "\0" in text:
            raise InvalidArgumentError("a NUL byte cannot be passed to a program")
    for name in config.environment:
        if not name or "=" in name or "\0" in name:
            raise InvalidArgumentError(f"{name!r} is no name for an environment variable")


def _gone(container_id: str) -> ExectopError:
    return NoSuchContainerError(
        f"no container {container_id}", hint="exectop ps lists them", container_id=container_id
    )
