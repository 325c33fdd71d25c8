"""An engine of the test's own, and ways to run sessions with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from app.demo.launch import LaunchedContainer
from runtime.engine import Engine
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.proc import PROC
from runtime.model import (
    CaughtUp,
    ContainerInfo,
    Ended,
    EngineSettings,
    ExecConfig,
    ExecSession,
    Output,
    SessionInfo,
    TerminalSize,
)
from runtime.sessions.attachment import AnyAttachment

SIZE = TerminalSize(rows=24, columns=80)
# A command that says when it is ready, and then ends by nothing but KILL.
DEAF = ("sh", "-c", "trap '' TERM HUP; echo ready; while :; do sleep 0.1; done")


StartProgram = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start_program() -> AsyncIterator[StartProgram]:
    """`await start_program(CODE, *words, says=b"ready\\n")`: Python beside us, once it says so.

    Those still there at the end are killed.
    """
    started: list[Process] = []

    async def start(code: str, *words: str, says: bytes) -> Process:
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", code, *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )
        started.append(program)
        assert program.stdout is not None
        assert await program.stdout.readline() == says
        return program

    yield start
    for program in started:
        with contextlib.suppress(ProcessLookupError):
            program.kill()
        await program.communicate()


@pytest.fixture
async def engine(engine_settings: EngineSettings) -> AsyncIterator[Engine]:
    """An engine in the test's folders; at the end no session and no conmon may be left."""
    async with Engine(engine_settings) as made:
        yield made
        for session in await made.sessions():
            with contextlib.suppress(Exception):
                await made.exec_remove(session.id, force=True)
        bundles = list(Path(engine_settings.run_dir, "bundles").glob("*/*"))
        assert bundles == []
    assert monitors_of(engine_settings.run_dir) == []


def monitors_of(run_dir: str) -> list[int]:
    """Pids of the conmon processes that work in this run folder."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if run_dir.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


async def wait_settled(engine: Engine, session: ExecSession, timeout: float = 60) -> ExecSession:
    """The record of a running session once its process and its monitor have ended."""
    for process in (session.process, session.monitor):
        assert await wait_ended(process, timeout), f"{process} goes on"
    return await engine.find_session(session.id)


async def recorded(engine: Engine) -> list[SessionInfo]:
    """The sessions of the records, without those that are found by their processes."""
    return [each for each in await engine.sessions() if each.recorded]


@pytest.fixture
async def info(engine: Engine, container: LaunchedContainer) -> ContainerInfo:
    """The running container (with runc, then with crun) as the engine finds it."""
    return await engine.find_container(container.id)


class Screenful:
    """Gathers what an attachment prints, and waits for text in it."""

    def __init__(self, attachment: AnyAttachment) -> None:
        self.attachment = attachment
        self.data = b""
        self.errors = b""
        self.events: list[Any] = []
        self.exit_code: int | None = None
        self.ended = False
        self.caught_up = False
        self._left = False
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._gather())

    async def _gather(self) -> None:
        async for event in self.attachment.events():
            self.events.append(event)
            if isinstance(event, Output):
                if event.stream == 1:
                    self.data += event.data
                else:
                    self.errors += event.data
            elif isinstance(event, CaughtUp):
                self.caught_up = True
            elif isinstance(event, Ended):
                self.ended, self.exit_code = True, event.exit_code
            self._changed.set()

    async def wait_for(self, text: bytes, timeout: float = 20) -> None:
        """Wait until `text` was printed."""
        await self._wait(lambda: text in self.data, timeout, f"{text!r} to be printed")

    async def wait_caught_up(self, timeout: float = 20) -> None:
        """Wait until all that was kept has been replayed."""
        await self._wait(lambda: self.caught_up, timeout, "the end of the replay")

    async def wait_ended(self, timeout: float = 30) -> int | None:
        """Wait for the end; gives the exit code."""
        await self._wait(lambda: self.ended, timeout, "the session to end")
        return self.exit_code

    async def _wait(self, done: Callable[[], bool], timeout: float, what: str) -> None:
        try:
            async with asyncio.timeout(timeout):
                while not done():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            died = self._task.exception() if self._task.done() else None
            pytest.fail(
                f"waited {timeout} s for {what}; there is {self.data[-2000:]!r}, and {died!r}"
            )

    async def leave(self) -> None:
        """Detach; once more is fine."""
        if self._left:
            return
        self._left = True
        self._task.cancel()
        await asyncio.wait([self._task])
        await self.attachment.close()


@pytest.fixture
async def watch() -> AsyncIterator[Callable[[AnyAttachment], Screenful]]:
    """Begins to gather an attachment's output; all are left at the end."""
    made: list[Screenful] = []

    def begin(attachment: AnyAttachment) -> Screenful:
        made.append(Screenful(attachment))
        return made[-1]

    yield begin
    for each in made:
        await each.leave()


RunSession = Callable[..., Awaitable[tuple[str, Screenful]]]


@pytest.fixture
def start(
    engine: Engine, info: ContainerInfo, watch: Callable[[AnyAttachment], Screenful]
) -> RunSession:
    """`await start("sh", "-c", …, terminal=True)`: an attached session; gives (id, output)."""

    async def begin(
        *command: str, size: TerminalSize | None = None, **config: Any
    ) -> tuple[str, Screenful]:
        wanted = {"attach_stdin": True, "attach_stdout": True, "attach_stderr": True} | config
        session_id = await engine.exec_create(info, ExecConfig(command=list(command), **wanted))
        attachment = await engine.exec_start_and_attach(session_id, size)
        return session_id, watch(attachment)

    return begin


@pytest.fixture
async def outliving(engine: Engine, start: RunSession) -> tuple[ExecSession, Screenful]:
    """A session whose process outlives its monitor: it takes no notice of the hang-up."""
    session_id, output = await start("sh", "-c", "trap '' HUP; echo ready; sleep 100 & wait")
    await output.wait_for(b"ready")
    return await engine.find_session(session_id), output


@pytest.fixture
def start_detached(engine: Engine, info: ContainerInfo) -> Callable[..., Awaitable[str]]:
    """`await start_detached("sleep", "100")`: a session nobody is attached to; gives its id."""

    async def begin(*command: str, size: TerminalSize | None = None, **config: Any) -> str:
        session_id = await engine.exec_create(info, ExecConfig(command=list(command), **config))
        await engine.exec_start(session_id, size)
        return session_id

    return begin
