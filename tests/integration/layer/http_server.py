"""As much of Docker's and libpod's HTTP API as their clients need for an exec.

It is there to try `Engine.exec_http_start_and_attach` with clients that nobody wrote for it.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import msgspec

from runtime.engine import Engine
from runtime.errors import ExectopError
from runtime.model import ExecConfig, HTTPAttachResult, TerminalSize
from runtime.protocol.hijack import HijackRequest, knows_multiplexed, requested_upgrade

_PATH = re.compile(r"(?:/v(?P<version>[0-9.]+))?(?P<libpod>/libpod)?(?P<rest>/[^?]*)(?:\?(.*))?")
_HEADERS = (
    ("Api-Version", "1.50"),
    ("Libpod-API-Version", "4.3.1"),
    ("Ostype", "linux"),
)


class Request:
    """One request: its words, its headers with names in lower case, its body as JSON."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: Any) -> None:
        found = _PATH.fullmatch(path)
        assert found is not None, path
        self.method, self.headers, self.body = method, headers, body
        self.rest = found["rest"]
        self.version, self.libpod = found["version"] or "", bool(found["libpod"])

    @property
    def hijack(self) -> HijackRequest:
        """What it says of a stream."""
        return HijackRequest(
            upgrade=requested_upgrade(
                self.headers.get("connection", ""), self.headers.get("upgrade", "")
            ),
            knows_multiplexed=knows_multiplexed(self.version, libpod=self.libpod),
            headers=_HEADERS,
        )


class ExecServer:
    """Serves on a Unix socket; `results` are those of the starts that succeeded."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.results: asyncio.Queue[HTTPAttachResult] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it is closed or hijacked."""
        try:
            while (request := await _read(reader)) is not None:
                words = request.rest.strip("/").split("/")
                if words[0] == "exec" and words[-1] == "start":
                    if await self._start(request, words[1], (reader, writer)):
                        return
                    continue
                status, answer = await self._answer(request, words)
                _respond(writer, status, answer, head_only=request.method == "HEAD")
                await writer.drain()
        finally:
            writer.close()

    async def _start(
        self,
        request: Request,
        session_id: str,
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> bool:
        """Whether the connection was used up."""
        body = request.body
        rows, columns = body.get("ConsoleSize") or (body.get("h"), body.get("w"))
        size = TerminalSize(rows=rows, columns=columns) if rows and columns else None
        try:
            result = await self._engine.exec_http_start_and_attach(
                session_id, connection, request.hijack, size=size
            )
        except ExectopError as error:
            _respond(connection[1], error.http_status, {"message": str(error)})
            return False
        self.results.put_nowait(result)
        return True

    async def _answer(self, request: Request, words: list[str]) -> tuple[int, Any]:
        if words == ["_ping"]:
            return 200, "OK"
        if words[0] == "containers" and words[-1] == "json":
            container = await self._engine.find_container(words[1])
            state = {"Status": "running", "Running": True, "Pid": container.pid}
            config = {"Tty": False, "Image": ""}
            named = {"Id": container.id, "Name": f"/{container.name}", "Image": ""}
            return 200, named | {
                "State": state,
                "Config": config,
                "Created": "2026-01-01T00:00:00Z",
            }
        if words[0] == "containers" and words[-1] == "exec":
            return 201, {"Id": await self._create(words[1], request.body)}
        if words[-1] == "resize":
            return 201, {}
        if words[0] == "exec" and words[-1] == "json":
            found = await self._engine.inspect(words[1])
            return 200, msgspec.to_builtins(found) | {"DetachKeys": ""}
        return 404, {"message": "no such thing here"}

    async def _create(self, name: str, body: dict[str, Any]) -> str:
        container = await self._engine.find_container(name)
        config = ExecConfig(
            command=body["Cmd"],
            terminal=body["Tty"],
            attach_stdin=body["AttachStdin"],
            attach_stdout=body["AttachStdout"],
            attach_stderr=body["AttachStderr"],
            detach_keys=body.get("DetachKeys") or None,
        )
        return await self._engine.exec_create(container, config)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, json.loads(body or b"{}"))


def _respond(
    writer: asyncio.StreamWriter, status: int, answer: Any, *, head_only: bool = False
) -> None:
    body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    fields = [*_HEADERS, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    writer.write(f"HTTP/1.1 {status} -\r\n{head}\r\n".encode() + (b"" if head_only else body))
