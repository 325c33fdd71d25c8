"""Asking engines through their sockets, with made-up engines behind them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery import engine_sockets
from runtime.discovery.containers import ContainerFinder
from runtime.discovery.engine_sockets import Told, ask, usual_sockets
from tests.files.engines import docker_config, podman_bundle, shim_bundle
from tests.files.state import write_runc

BOX, OTHER = "a" * 64, "b" * 64
LINE = {"Id": BOX, "Names": ["/web"], "Image": "nginx", "Labels": {"a": "b"}, "State": "running"}
PODMAN = {"Id": BOX, "Names": ["web"], "Image": "nginx", "Labels": None, "PodName": "front"}


class MadeUpEngine:
    """Listens on a socket, and answers every question with the same bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[str] = []
        self.answer: bytes | None = self.lines(LINE)
        self._closed = asyncio.Event()

    @staticmethod
    def lines(*lines: Any) -> bytes:
        """A list of containers as an answer."""
        body = json.dumps(lines).encode()
        return b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one question; with None for an answer, keep silent until the client leaves."""
        self.asked.append((await reader.readline()).decode().split()[1])
        while (await reader.readline()).strip():
            pass
        if self.answer is None:
            await reader.read()
        else:
            writer.write(self.answer)
        writer.close()


@pytest.fixture
async def listening(short_folder: Path) -> AsyncIterator[MadeUpEngine]:
    """An engine that can be asked."""
    made = MadeUpEngine(short_folder / "engine.sock")
    server = await asyncio.start_unix_server(made.serve, made.path)
    yield made
    server.close()
    await server.wait_closed()


async def test_docker_s_answer(listening: MadeUpEngine) -> None:
    told = await ask("docker", [str(listening.path)])
    assert told == {BOX: Told(name="web", image="nginx", labels={"a": "b"})}
    assert listening.asked == ["/containers/json"]


async def test_podman_s_answer(listening: MadeUpEngine) -> None:
    listening.answer = listening.lines(PODMAN)
    told = await ask("podman", [str(listening.path.parent / "*.sock"), str(listening.path)])
    assert told == {BOX: Told(name="web", image="nginx", pod="front")}
    assert listening.asked == ["/v4.0.0/libpod/containers/json"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.0 404 Not Found\r\n\r\n" + json.dumps([LINE]).encode(),
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
        b'HTTP/1.0 200 OK\r\n\r\n[{"Id": 7}]',
        b"HTTP/1.0 200 OK\r\n\r\n" + b"[" * 100_000,
        b"x" * 1_000_000,
    ],
    ids=lambda answer: repr(answer[:25]),
)
async def test_nonsense_is_as_good_as_nothing(listening: MadeUpEngine, answer: bytes) -> None:
    listening.answer = answer
    assert await ask("docker", [str(listening.path)]) == {}


async def test_one_that_does_not_answer_is_not_waited_for(
    listening: MadeUpEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.discovery.engine_sockets._PATIENCE", 0.05)
    listening.answer = None
    assert await ask("docker", [str(listening.path)]) == {}
    assert listening.asked


async def test_no_socket_at_all(tmp_path: Path) -> None:
    (tmp_path / "file.sock").write_text("")
    assert await ask("docker", [str(tmp_path / "*.sock"), str(tmp_path / "none")]) == {}


def test_usual_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.discovery.engine_sockets.os.geteuid", lambda: 0)
    assert usual_sockets()["docker"] == ["/run/docker.sock"]
    assert "/run/user/*/podman/podman.sock" in usual_sockets()["podman"]
    monkeypatch.setattr("runtime.discovery.engine_sockets.os.geteuid", lambda: 7)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/x")
    assert usual_sockets()["podman"] == ["/x/podman/podman.sock"]


class TestFinder:
    @pytest.fixture(autouse=True)
    def sockets(self, listening: MadeUpEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        """The finder knows this socket, as docker's and as podman's."""
        usual = {engine: [str(listening.path)] for engine in ("docker", "podman")}
        monkeypatch.setattr(engine_sockets, "usual_sockets", lambda: usual)

    @pytest.fixture
    def untold(self, root: Path, tmp_path: Path) -> Callable[[str], None]:
        """A function that makes a container of an engine that no file tells of."""

        def make(engine: str) -> None:
            if engine == "docker":
                labels = [f"bundle={shim_bundle(tmp_path / 'state', 'moby', BOX)}"]
            else:
                bundle = podman_bundle(tmp_path / "storage", BOX)
                labels = ["io.container.manager=libpod", f"bundle={bundle}"]
            write_runc(root / BOX, labels=labels)

        return make

    @pytest.mark.parametrize(("engine", "line"), [("docker", LINE), ("podman", PODMAN)])
    async def test_what_no_file_tells(
        self,
        engine: str,
        line: dict[str, Any],
        untold: Callable[[str], None],
        finder: ContainerFinder,
        listening: MadeUpEngine,
    ) -> None:
        untold(engine)
        listening.answer = listening.lines(line)
        (before,), _ = finder.find()
        assert (before.engine, before.name) == (engine, BOX)
        assert finder.has_questions()
        assert await finder.ask_engines()
        (after,), _ = finder.find()
        assert (after.name, after.image) == ("web", "nginx")
        assert after.key == before.key
        assert not finder.has_questions()
        assert finder.find()[0][0] is after

    async def test_nobody_is_asked_twice(
        self, untold: Callable[[str], None], finder: ContainerFinder, listening: MadeUpEngine
    ) -> None:
        untold("docker")
        listening.answer = listening.lines(LINE | {"Id": OTHER})
        finder.find()
        assert not await finder.ask_engines()
        assert finder.find()[0][0].name == BOX
        assert not await finder.ask_engines()
        assert len(listening.asked) == 1

    async def test_nobody_is_asked_for_what_a_file_tells(
        self,
        root: Path,
        tmp_path: Path,
        finder: ContainerFinder,
        listening: MadeUpEngine,
    ) -> None:
        mounts = [f"{tmp_path}/data/containers/{BOX}/hosts"]
        bundle = shim_bundle(tmp_path / "state", "moby", BOX, mounts=mounts)
        docker_config(tmp_path / "data", BOX)
        write_runc(root / BOX, labels=[f"bundle={bundle}"])
        write_runc(root / "plain", labels=["bundle=/b"])
        finder.find()
        assert not await finder.ask_engines()
        assert listening.asked == []
