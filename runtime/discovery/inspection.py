"""Everything that the processes of a session tell of it; and all of one without a record."""

from __future__ import annotations

import datetime

import msgspec

from runtime.discovery.clients import ClientFinder
from runtime.discovery.usage import added, costly_usage
from runtime.discovery.users import read_user
from runtime.kernel import tty
from runtime.kernel.proc_folder import ProcFolder
from runtime.kernel.process_state import process_state
from runtime.model import (
    ExecState,
    InspectExecProcess,
    InspectExecSession,
    ProcessIdentity,
    SessionInfo,
)


def inspect_foreign(session: SessionInfo) -> InspectExecSession:
    """The fields of a recorded session; what only its engine knows is empty."""
    return InspectExecSession(
        can_remove=session.actions.remove.possible,
        container_id=session.container_id,
        detach_keys="",
        exit_code=_exit_code(session),
        id=session.id,
        open_stderr=False,
        open_stdin=False,
        open_stdout=False,
        running=session.state is ExecState.RUNNING,
        pid=session.pid,
        process_config=InspectExecProcess(
            arguments=session.command[1:],
            entrypoint=session.command[0] if session.command else "",
            privileged=False,
            tty=session.tty,
            user=session.user,
        ),
        state=session.state,
        container_name=session.container_name,
        created=_rfc3339(session.created),
        started=_rfc3339(session.created),
        finished=_rfc3339(session.finished) if session.finished else "",
        owner=session.owner,
        attached=session.attached,
        monitor_alive=session.monitor_alive,
        bundle="",
        start_time=session.start_time,
        process_state=process_state(_leader(session)),
        created_by=None,
        monitor=None,
        kept_output=None,
    )


def _exit_code(session: SessionInfo) -> int:
    """As for a recorded one: -1 where it was lost, 0 while the session has a process."""
    if session.pid:
        return 0
    return -1 if session.exit_code is None else session.exit_code


class Inspector:
    """Reads what takes too long to read for a list."""

    def __init__(self, proc: ProcFolder) -> None:
        self._proc = proc
        self._clients = ClientFinder(proc)

    def with_facts(self, inspected: InspectExecSession, session: SessionInfo) -> InspectExecSession:
        """With what `session` says, and with all that its processes tell besides."""
        leader = _leader(session)
        user = read_user(self._proc, session.pid) if session.pid else None
        costly = added(costly_usage(self._proc, each.process.pid) for each in session.tree)
        return msgspec.structs.replace(
            inspected,
            origin=session.origin,
            certainty=session.certainty,
            recorded=session.recorded,
            left_by=session.left_by,
            user_inside=user.name if user else "",
            user_outside=user.uid if user else None,
            size=tty.get_size(leader) if session.tty else None,
            idle=session.idle,
            usage=added([session.usage, costly]),
            processes=session.tree,
            client=self._clients.find(session),
            actions=session.actions,
            stuck=session.stuck,
        )


def _leader(session: SessionInfo) -> ProcessIdentity:
    return ProcessIdentity(pid=session.pid, start_time=session.start_time)


def _rfc3339(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat().replace("+00:00", "Z")
