"""How each kind of request becomes an attached session."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.commands import Attach, OpenShell, RunExec
from app.messages import Attached, WorkerMessage
from app.ports import AttachmentPort, EnginePort
from app.viewer import Viewer
from runtime.errors import ExectopError
from runtime.model import ContainerInfo, ExecConfig, ExecState

_log = logging.getLogger(__name__)


async def start_viewing(
    engine: EnginePort,
    viewer: Viewer,
    command: OpenShell | Attach | RunExec,
    post: Callable[[WorkerMessage], None],
) -> tuple[AttachmentPort, bool]:
    """Start or find the session; the attachment, and whether it has a terminal.

    Posts `Attached` as soon as the session's id is known to work. Sessions that could not be
    started leave no record behind.
    """
    if isinstance(command, Attach):
        return await _come_back(engine, viewer, command, post)
    if isinstance(command, OpenShell):
        config = shell_config(await engine.find_shell(command.container))
    else:
        config = command.config
    return await _start(engine, viewer, command.container, config, post)


def shell_config(shell: list[str]) -> ExecConfig:
    """An interactive shell on a terminal."""
    return ExecConfig(
        command=shell, terminal=True, attach_stdin=True, attach_stdout=True, attach_stderr=True
    )


async def _start(
    engine: EnginePort,
    viewer: Viewer,
    container: ContainerInfo,
    config: ExecConfig,
    post: Callable[[WorkerMessage], None],
) -> tuple[AttachmentPort, bool]:
    session_id = await engine.exec_create(container, config)
    viewer.session_id = session_id
    size = viewer.size if config.terminal else None
    try:
        attachment = await engine.exec_start_and_attach(session_id, size)
    except Exception:
        await _forget(engine, session_id)
        raise
    viewer.applied_size = size
    post(Attached(viewer.number, session_id, container.name or container.id))
    return attachment, config.terminal


async def _come_back(
    engine: EnginePort,
    viewer: Viewer,
    command: Attach,
    post: Callable[[WorkerMessage], None],
) -> tuple[AttachmentPort, bool]:
    session = await engine.find_any_session(command.session_id)
    viewer.session_id = session.id
    attachment = await engine.attach(session.id, rescue=command.rescue)
    post(Attached(viewer.number, session.id, session.container_name, attachment.remarks))
    return attachment, session.tty


async def _forget(engine: EnginePort, session_id: str) -> None:
    """Remove the record of a session that never ran; the error that is told is the first one."""
    try:
        session = await engine.find_session(session_id)
        if session.state is not ExecState.RUNNING:
            await engine.exec_remove(session_id)
    except ExectopError as error:
        _log.info("the record of %s stays: %s", session_id, error)
