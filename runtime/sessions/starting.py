"""Starting a created session: bundle, process spec, monitor, record (libpod startExec)."""

from __future__ import annotations

import signal
from functools import partial

from runtime.errors import ExectopError, StateError
from runtime.kernel.pidfd import send_signal
from runtime.model import ContainerInfo, ExecSession, TerminalSize
from runtime.oci.base import Monitor, StartedProcess, StartRequest
from runtime.oci.bundle import ExecBundle
from runtime.oci.container import ContainerRecord
from runtime.protocol.process_spec import umask_of
from runtime.sessions.kept_output import SizeJournal, begin_log
from runtime.sessions.prepare import base_process, encode_process_spec
from runtime.sessions.recording import record_running, record_stopped
from runtime.state.events import EventStore
from runtime.state.sessions import SessionStore


def start_request(
    session: ExecSession,
    container: ContainerInfo,
    record: ContainerRecord,
    bundle: ExecBundle,
    size: TerminalSize | None,
    keep_output: int | None,
) -> StartRequest:
    """What the monitor is asked for; `bundle` exists. For `keep_output` see StartRequest.

    Raises AccessDeniedError and ContainerStateError.
    """
    config, base = session.config, base_process(container, record)
    return StartRequest(
        container=container,
        session_id=session.id,
        bundle=bundle,
        process_spec=partial(encode_process_spec, base, container, session, size),
        umask=umask_of(base),
        terminal=config.terminal,
        stdin=config.attach_stdin,
        keep_output=keep_output,
        exit_command=config.exit_command,
        exit_command_delay=config.exit_command_delay,
        preserve_fds=config.preserve_fds,
        preserve_fd=config.preserve_fd,
    )


class Starter:
    """Starts sessions. Its caller holds the container's lock and has checked the states."""

    def __init__(
        self, store: SessionStore, events: EventStore, monitor: Monitor, kept_output: int
    ) -> None:
        self._store = store
        self._events = events
        self._monitor = monitor
        self._kept_output = kept_output

    async def start(
        self,
        session: ExecSession,
        container: ContainerInfo,
        record: ContainerRecord,
        bundle: ExecBundle,
        *,
        size: TerminalSize | None,
        attach: bool,
    ) -> StartedProcess:
        """Start the session's process and record it as running.

        When it cannot be started the session is recorded as stopped, with the exit code that the
        error stands for, and its bundle is removed; the error is raised on.
        """
        keep = session.config.terminal or not attach
        try:
            bundle.create()
            if keep:
                _begin_kept_output(bundle, size)
            request = start_request(
                session, container, record, bundle, size, self._kept_output if keep else None
            )
            started = await self._monitor.start(request, attach=attach)
        except ExectopError as error:
            await self._record_failure(session, bundle, error)
            raise
        try:
            await record_running(
                self._store,
                self._events,
                session,
                started.process,
                started.monitor,
                output_cap=self._kept_output if keep else None,
                size=size,
                attached=attach,
            )
        except BaseException:
            # A process without a record could never be found again.
            send_signal(started.process, signal.SIGKILL)
            started.close()
            raise
        return started

    async def _record_failure(
        self, session: ExecSession, bundle: ExecBundle, error: ExectopError
    ) -> None:
        await record_stopped(
            self._store, self._events, session, error.exit_code, detail=error.message
        )
        await bundle.remove()


def _begin_kept_output(bundle: ExecBundle, size: TerminalSize | None) -> None:
    try:
        begin_log(bundle.kept_output)
        if size is not None:
            SizeJournal(bundle.sizes, bundle.kept_output).begin(size)
    except OSError as error:
        raise StateError(
            f"cannot write to the exec bundle {bundle.folder}: {error.strerror}",
            hint="check that the run folder is writable and has room",
        ) from error
