"""Taking over sessions that an old libpod left: of them only a command and a bare pid are known.

A bare pid may have been given to another process since. So a session is taken over only if the
process that has its pid now can be no other: it runs in the container without being its first
process, it was brought in from outside (its parent is not in the container), and its command line
is the recorded one. From then on it is known by pid and start time, as all are.
"""

from __future__ import annotations

import os

from runtime.errors import ContainerStateError
from runtime.kernel.cmdline import command_line
from runtime.kernel.environ import mount_namespace, pid_namespace
from runtime.kernel.proc import boot_id, read_stat, started_at
from runtime.model import (
    ContainerInfo,
    EventName,
    ExecConfig,
    ExecSession,
    ExecState,
    LegacyExecSession,
    LegacyImport,
    ProcessIdentity,
)
from runtime.oci.container import ContainerSource
from runtime.protocol.legacy import parse_legacy_sessions
from runtime.sessions.records import Records


async def take_over(
    records: Records, containers: ContainerSource, container: ContainerInfo, state: bytes
) -> LegacyImport:
    """Record the container's legacy sessions that are in `state`, libpod's JSON of it.

    Those that are recorded already are passed over. Raises InvalidArgumentError for what is no
    such JSON, ContainerStateError where the container does not run.
    """
    sessions = parse_legacy_sessions(state)
    now = containers.refresh(container.root, container.id)
    if now is None or now.init is None:
        raise ContainerStateError(
            f"container {container.name} does not run, so none of its exec sessions does",
            hint="there is nothing to take over",
            container_id=container.id,
        )
    taken, refused = [], []
    for session in sessions:
        async with records.places.session_locked(now.key, session.id):
            if records.store.with_prefix(session.id):
                continue
            process, reason = _identify(session, now.init)
            if process is None:
                refused.append(f"exec session {session.id[:12]} was not taken over: {reason}")
                continue
            record = _record(session, now, process)
            detail = "taken over from libpod"
            noted = records.events.adding(record, EventName.START, detail=detail)
            await records.store.add(record, noted)
            taken.append(session.id)
    return LegacyImport(taken=taken, refused=refused)


def _identify(
    session: LegacyExecSession, init: ProcessIdentity
) -> tuple[ProcessIdentity | None, str]:
    """The session's process, or None and why it is not sure to be that."""
    pid = session.pid
    stat = read_stat(pid)
    if stat is None or stat.ended:
        return None, f"process {pid} has ended"
    if stat.identity == init:
        return None, f"process {pid} is the container's own"
    place = _Place(init)
    if not place.holds(pid):
        return None, f"process {pid} is not in the container"
    if not place.excludes(stat.ppid):
        return None, f"process {pid} was not started from outside the container"
    words = command_line(pid)
    # The interpreter of a script stands before the script's own words.
    if words[-len(session.command) :] != session.command:
        return None, f"process {pid} runs another command"
    after = read_stat(pid)
    if after is None or after.identity != stat.identity:
        return None, f"process {pid} has ended"
    return stat.identity, ""


class _Place:
    """Where a container's processes are: its pid namespace, or its mount namespace.

    A container may share the host's pid namespace; its mount namespace is its own then.
    """

    def __init__(self, init: ProcessIdentity) -> None:
        self._shared = pid_namespace(init.pid) == pid_namespace(os.getpid())
        self._namespace = mount_namespace if self._shared else pid_namespace
        self._inside = self._namespace(init.pid)

    def holds(self, pid: int) -> bool:
        """Whether the process is there; False where that cannot be told."""
        return self._inside is not None and self._namespace(pid) == self._inside

    def excludes(self, parent: int) -> bool:
        """Whether that parent is elsewhere; False where that cannot be told.

        The host's first process is no container's. But where the host's pid namespace is shared,
        it adopts the container's own daemons, too.
        """
        if parent <= 1:
            return not self._shared
        return self._namespace(parent) not in (self._inside, None)


def _record(
    session: LegacyExecSession, container: ContainerInfo, process: ProcessIdentity
) -> ExecSession:
    started = started_at(process)
    return ExecSession(
        id=session.id,
        container_id=container.id,
        container_key=container.key,
        container_name=container.name,
        container_root=container.root,
        state=ExecState.RUNNING,
        config=ExecConfig(command=session.command),
        created=started,
        started=started,
        boot_id=boot_id(),
        process=process,
        owner=os.getuid(),
        container_init=container.init,
        legacy=True,
    )
