"""Serving a session to an HTTP client over a hijacked connection (libpod attachExecHTTP)."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec

from runtime.errors import ExectopError, InvalidArgumentError, SessionStateError
from runtime.model import (
    AttachOutcome,
    Ended,
    ExecConfig,
    HTTPAttachResult,
    HTTPAttachStreams,
    Output,
    TerminalSize,
)
from runtime.protocol.detach_keys import DEFAULT_DETACH_KEYS, DetachScanner, parse_detach_keys
from runtime.protocol.hijack import HijackRequest, response_head
from runtime.sessions.attachment import Attachment
from runtime.sessions.beginning import Beginning
from runtime.sessions.hijacked_client import ClientReader, ClientWriter, HijackedClient
from runtime.sessions.input import forward_input


def wanted_streams(config: ExecConfig, streams: HTTPAttachStreams | None) -> HTTPAttachStreams:
    """The streams to connect: those asked for, or else the session's own.

    Raises InvalidArgumentError where there would be none (libpod ExecContainerHTTP).
    """
    if streams is None:
        streams = HTTPAttachStreams(
            stdin=config.attach_stdin, stdout=config.attach_stdout, stderr=config.attach_stderr
        )
    if not (streams.stdin or streams.stdout or streams.stderr):
        raise InvalidArgumentError(
            "there is no stream to attach to", hint="attach stdin, stdout or stderr"
        )
    return streams


def detach_keys(config: ExecConfig) -> bytes:
    """The keys that leave the session, b"" for none. Raises InvalidArgumentError.

    Only a terminal has any: in what is piped into a program they would be chance.
    """
    text = DEFAULT_DETACH_KEYS if config.detach_keys is None else config.detach_keys
    keys = parse_detach_keys(text)
    return keys if config.terminal else b""


def adapted(config: ExecConfig, streams: HTTPAttachStreams | None) -> ExecConfig:
    """The configuration to start a session with for a client that is connected to `streams`.

    Which pipes a program gets is decided when it starts, so it is these that are recorded; a
    terminal has all three, whatever the client sees of them. Raises InvalidArgumentError.
    """
    detach_keys(config)
    wanted = wanted_streams(config, streams)
    if config.terminal:
        return config
    return msgspec.structs.replace(
        config,
        attach_stdin=wanted.stdin,
        attach_stdout=wanted.stdout,
        attach_stderr=wanted.stderr,
    )


async def start_and_serve(
    beginning: Beginning,
    session_id: str,
    connection: tuple[ClientReader, ClientWriter],
    request: HijackRequest,
    *,
    streams: HTTPAttachStreams | None,
    size: TerminalSize | None,
) -> HTTPAttachResult:
    """Start a created session and serve it to a client (libpod ExecHTTPStartAndAttach).

    An error that is raised came before the response began: the connection was not touched. From
    then on the connection is used up, and is closed in the end.
    """
    attachment = await beginning.start_and_attach(
        session_id, size, lambda config: adapted(config, streams)
    )
    client = HijackedClient(*connection, framed=not attachment.config.terminal)
    try:
        try:
            await client.begin(response_head(request, framed=not attachment.config.terminal))
            result = await Serving(attachment, client, streams).run()
        finally:
            await attachment.close()
        await client.finish()
    finally:
        await client.close()
    return result


class Serving:
    """Connects one attachment with one client until either ends, or the detach keys are typed."""

    def __init__(
        self, attachment: Attachment, client: HijackedClient, streams: HTTPAttachStreams | None
    ) -> None:
        self._attachment = attachment
        self._client = client
        wanted = wanted_streams(attachment.config, streams)
        self._takes_input = wanted.stdin
        self._streams = {1: wanted.stdout, 2: wanted.stderr}
        self._exit_code: int | None = None

    async def run(self) -> HTTPAttachResult:
        """Until the session has ended and all it printed was sent, or the client has left."""
        output = asyncio.create_task(self._show_output())
        leaving = asyncio.create_task(self._wait_leaving())
        both = {output, leaving}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            outcome = (output if output.done() else leaving).result()
            return HTTPAttachResult(outcome=outcome, exit_code=self._exit_code)
        except ExectopError as error:
            await self._client.tell(error)
            return HTTPAttachResult(
                outcome=AttachOutcome.FAILED, exit_code=self._exit_code, error=str(error)
            )
        finally:
            for task in both:
                task.cancel()
            await asyncio.wait(both)

    async def _show_output(self) -> AttachOutcome:
        async with contextlib.aclosing(self._attachment.events()) as events:
            # To the very end: then the exit code is recorded before the client is told of it.
            async for event in events:
                if isinstance(event, Output):
                    if self._streams[event.stream]:
                        await self._client.send(event.stream, event.data)
                elif isinstance(event, Ended):
                    self._exit_code = event.exit_code
        return AttachOutcome.ENDED

    async def _wait_leaving(self) -> AttachOutcome:
        if self._takes_input and await self._forward_input():
            return AttachOutcome.DETACHED
        # The end of the input alone is not the client's: it may have stopped writing only.
        await self._client.wait_gone()
        return AttachOutcome.DISCONNECTED

    async def _forward_input(self) -> bool:
        """Forward to the end (False) or the detach keys (True)."""
        # A session that ended meanwhile takes no input; its output tells so.
        with contextlib.suppress(SessionStateError):
            scanner = DetachScanner(detach_keys(self._attachment.config))
            if await forward_input(self._client.input, scanner, self._attachment.write):
                return True
            await self._attachment.close_stdin()  # which a terminal does not mind
        return False
