"""What an engine does to have commands run, and to be there while they do."""

from __future__ import annotations

from runtime.engine.looking import Looking
from runtime.errors import InvalidArgumentError
from runtime.model import (
    AttachPlan,
    ContainerInfo,
    ExecConfig,
    ExecResult,
    HTTPAttachResult,
    HTTPAttachStreams,
    TerminalSize,
)
from runtime.protocol.hijack import HijackRequest
from runtime.sessions.attachment import AnyAttachment, Attachment
from runtime.sessions.hijacked import start_and_serve
from runtime.sessions.hijacked_client import ClientReader, ClientWriter
from runtime.sessions.whole import run_to_end


class Running(Looking):
    """The verbs that create, start, attach and resize."""

    async def exec_create(self, container: ContainerInfo, config: ExecConfig) -> str:
        """Create a session in a running container; gives its id."""
        return await self._beginning.create(container, config)

    async def exec_start(self, session_id: str, size: TerminalSize | None = None) -> None:
        """Start a created session, detached. `size` is its terminal's from the first moment."""
        await self._beginning.start(session_id, size)

    async def exec_start_and_attach(
        self, session_id: str, size: TerminalSize | None = None
    ) -> Attachment:
        """Start a created session and attach to it before it prints its first byte."""
        return await self._beginning.start_and_attach(session_id, size)

    async def exec_http_start_and_attach(
        self,
        session_id: str,
        connection: tuple[ClientReader, ClientWriter],
        request: HijackRequest,
        *,
        streams: HTTPAttachStreams | None = None,
        size: TerminalSize | None = None,
    ) -> HTTPAttachResult:
        """Start a created session and serve it over an HTTP connection.

        `connection` is what is left of the HTTP connection once the request was read: all that
        the client sends from there on is the session's input. `streams` None means those that
        the session was created with. While an error can be raised the connection is not touched,
        so that an error response can be sent; once the session runs the response head is
        written, and the connection is used up. Being cancelled leaves the session running.
        """
        return await start_and_serve(
            self._beginning, session_id, connection, request, streams=streams, size=size
        )

    async def attach(self, session_id: str, *, rescue: bool = False) -> AnyAttachment:
        """Attach to a running session, whoever began it.

        `rescue` takes the terminal of another program's session from whoever holds it: for those
        whose engine lets nobody come back. `plan_attach` tells what that does; ask the user first.
        Raises SessionStateError, with the reason, where it is not possible.
        """
        session = await self._unrecorded(session_id)
        if session is not None:
            return await self._adoption.attach(session, rescue=rescue)
        if rescue:
            plan = AttachPlan()
            raise InvalidArgumentError(f"cannot rescue {session_id[:12]}: {plan.rescue.reason}")
        return await self._viewing.attach(session_id)

    async def plan_attach(self, session_id: str) -> AttachPlan:
        """What attaching to a session would do, and rescuing it; nothing is done."""
        session = await self._unrecorded(session_id)
        return AttachPlan() if session is None else self._adoption.plan(session)

    async def exec(
        self,
        container: ContainerInfo,
        config: ExecConfig,
        *,
        stdin: bytes = b"",
        timeout: float | None = None,
        limit: int = 1024 * 1024,
    ) -> ExecResult:
        """Create, run and remove a session in one call (libpod Exec).

        Gives the exit code and up to `limit` bytes of each output stream that is attached. After
        `timeout` seconds the command and all it started is killed, and ExecTimeoutError raised.
        Whatever happens, no record, bundle or process is left.
        """
        session_id = await self.exec_create(container, config)
        try:
            attachment = await self.exec_start_and_attach(session_id)
            try:
                return await run_to_end(attachment, stdin, timeout=timeout, limit=limit)
            finally:
                await attachment.close()
        finally:
            await self._ending.discard(session_id)

    async def exec_no_session(
        self,
        container: ContainerInfo,
        config: ExecConfig,
        *,
        stdin: bytes = b"",
        timeout: float | None = None,
        limit: int = 1024 * 1024,
    ) -> ExecResult:
        """Run a command without recording it (libpod ExecNoSession); otherwise like `exec`.

        It is in no list, has no events and cannot be attached to. The database is not touched:
        once the engine is open it may be locked or full. If this program dies meanwhile, whoever
        looks at the sessions next ends the command and says so.
        """
        async with self._no_session.attached(container, config) as attachment:
            return await run_to_end(attachment, stdin, timeout=timeout, limit=limit)

    async def exec_resize(self, session_id: str, size: TerminalSize) -> None:
        """Set the size of a running session's terminal, whoever began it."""
        session = await self._unrecorded(session_id)
        if session is not None:
            await self._foreign.resize(session, size)
            self._adoption.resized(session, size)
        else:
            await self._viewing.resize(session_id, size)
