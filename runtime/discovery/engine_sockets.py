"""Names from an engine's own socket, for containers that no file of the engine's tells of.

That is so where podman keeps its state in another place, or a file cannot be read. Both engines
list containers by GET /containers/json, podman also with pods by its own /libpod/containers/json.
A question takes a second at most and blocks nobody; who does not answer is as good as not there.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from runtime.discovery.facts import ContainerFacts

_PATIENCE = 1.0
_LARGEST = 32 * 1024 * 1024
_DOCKER = "/containers/json"
_PODMAN = "/v4.0.0/libpod/containers/json"
_OK = b" 200 "


class Told(msgspec.Struct, frozen=True):
    """What a socket told of a container."""

    name: str = ""
    image: str = ""
    labels: dict[str, str] = {}
    pod: str = ""


class _Line(msgspec.Struct, rename="pascal"):
    id: str
    names: list[str] | None = None
    image: str = ""
    labels: dict[str, str] | None = None
    pod_name: str = ""


def usual_sockets() -> dict[str, list[str]]:
    """Where engines listen if they are told nothing, by engine; patterns for Path.glob."""
    if os.geteuid() == 0:
        users = ["/run/user/*/podman/podman.sock"]
        return {"docker": ["/run/docker.sock"], "podman": ["/run/podman/podman.sock", *users]}
    base = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    docker = ["/run/docker.sock", f"{base}/docker.sock"]
    return {"docker": docker, "podman": [f"{base}/podman/podman.sock"]}


class EngineSockets:
    """What engines were asked for, and what they told."""

    def __init__(self, listening: Callable[[str], list[str]]) -> None:
        """`listening` gives where running daemons of an engine listen."""
        self.told: dict[str, Told] = {}
        self._listening = listening
        self._asked: set[str] = set()

    def unasked(self, untold: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
        """The containers by engine, of these pairs of both, that were never asked for.

        An engine that does not know a container will not know it later.
        """
        found: dict[str, set[str]] = {}
        for engine, container_id in untold:
            if container_id not in self._asked:
                found.setdefault(engine, set()).add(container_id)
        return found

    async def ask(self, untold: Iterable[tuple[str, str]]) -> bool:
        """Ask for those that were never asked for; whether there is anything new in `told`."""
        learnt = False
        for engine, containers in self.unasked(untold).items():
            self._asked |= containers
            answer = await ask(engine, [*usual_sockets().get(engine, []), *self._listening(engine)])
            new = {
                container_id: answer[container_id] for container_id in containers & answer.keys()
            }
            self.told |= new
            learnt = learnt or bool(new)
        return learnt


def completed(facts: ContainerFacts, told: Told) -> ContainerFacts:
    """The facts, with what the socket told of them."""
    return msgspec.structs.replace(
        facts,
        name=told.name or facts.name,
        image=told.image or facts.image,
        labels=told.labels or facts.labels,
        pod=told.pod or facts.pod,
        told=True,
    )


async def ask(engine: str, patterns: Iterable[str]) -> dict[str, Told]:
    """What the sockets of an engine tell of their running containers, by id."""
    paths = _existing(patterns)
    question = _PODMAN if engine == "podman" else _DOCKER
    answers = await asyncio.gather(*(_ask_one(path, question) for path in paths))
    return {name: told for answer in answers for name, told in answer.items()}


def _existing(patterns: Iterable[str]) -> list[str]:
    found = (path for each in patterns for path in Path("/").glob(each.lstrip("/")))
    return list(dict.fromkeys(str(path.resolve()) for path in found))


async def _ask_one(path: str, question: str) -> dict[str, Told]:
    try:
        async with asyncio.timeout(_PATIENCE):
            return _parse(await _get(path, question))
    except (OSError, TimeoutError, ValueError, RecursionError):
        return {}


async def _get(path: str, question: str) -> bytes:
    """The body of the answer. HTTP/1.0 has it end with the connection, and in one piece."""
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(f"GET {question} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        if _OK not in await reader.readline():
            return b"[]"
        while (await reader.readline()).strip():
            pass
        parts: list[bytes] = []
        while (part := await reader.read(65536)) and sum(map(len, parts)) < _LARGEST:
            parts.append(part)
        return b"".join(parts)
    finally:
        writer.close()


def _parse(text: bytes) -> dict[str, Told]:
    return {each.id: _told(each) for each in msgspec.json.decode(text, type=list[_Line])}


def _told(line: _Line) -> Told:
    names: Sequence[str] = line.names or ("",)
    return Told(
        name=names[0].removeprefix("/"),
        image=line.image,
        labels=line.labels or {},
        pod=line.pod_name,
    )
