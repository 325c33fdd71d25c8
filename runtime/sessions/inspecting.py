"""Everything there is to tell about one session (libpod ExecSession.Inspect, and more)."""

from __future__ import annotations

import datetime

from runtime.kernel.proc import is_alive
from runtime.kernel.process_state import process_state
from runtime.model import (
    ExecSession,
    ExecState,
    InspectExecProcess,
    InspectExecSession,
    InspectKeptOutput,
    InspectMonitor,
    SessionInfo,
)
from runtime.oci.bundle import ExecBundle
from runtime.sessions.kept_output import KeptOutput


def inspect_session(
    session: ExecSession, line: SessionInfo, bundle: ExecBundle
) -> InspectExecSession:
    """What `line` of the list says of the session, what is recorded, and what is there now."""
    config = session.config
    return InspectExecSession(
        can_remove=session.state is ExecState.STOPPED,
        container_id=session.container_id,
        detach_keys=config.detach_keys or "",
        exit_code=_exit_code(session),
        id=session.id,
        open_stderr=config.attach_stderr,
        open_stdin=config.attach_stdin,
        open_stdout=config.attach_stdout,
        running=session.state is ExecState.RUNNING,
        pid=session.pid,
        process_config=_process_config(session),
        state=session.state,
        container_name=session.container_name,
        created=_rfc3339(session.created),
        started=_rfc3339(session.started),
        finished=_rfc3339(session.finished),
        owner=session.owner,
        attached=line.attached,
        monitor_alive=line.monitor_alive,
        bundle=str(bundle.folder),
        start_time=line.start_time,
        process_state=process_state(session.process) if session.process else "",
        created_by=session.client,
        monitor=_monitor(session),
        kept_output=_kept_output(session, bundle),
    )


def _process_config(session: ExecSession) -> InspectExecProcess:
    config = session.config
    return InspectExecProcess(
        arguments=config.command[1:],
        entrypoint=config.command[0],
        privileged=config.privileged,
        tty=config.terminal,
        user=config.user,
    )


def _monitor(session: ExecSession) -> InspectMonitor | None:
    monitor = session.monitor
    if monitor is None:
        return None
    return InspectMonitor(pid=monitor.pid, start_time=monitor.start_time, alive=is_alive(monitor))


def _kept_output(session: ExecSession, bundle: ExecBundle) -> InspectKeptOutput | None:
    try:
        kept = KeptOutput(bundle.kept_output)
    except OSError:
        return None  # none is kept, or the session has ended and its files are gone
    try:
        return InspectKeptOutput(
            path=str(bundle.kept_output),
            bytes=kept.size(),
            cap=session.output_cap,
            rotated=kept.truncated,
        )
    finally:
        kept.close()


def _exit_code(session: ExecSession) -> int:
    # libpod has 0 for a session that has not ended; a lost code must not look like success.
    if session.state is ExecState.STOPPED and session.exit_code is None:
        return -1
    return session.exit_code or 0


def _rfc3339(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat().replace("+00:00", "Z")
