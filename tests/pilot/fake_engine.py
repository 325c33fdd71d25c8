"""A scripted double of the engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

import msgspec

from runtime.errors import NoSuchSessionError
from runtime.model import (
    AttachEvent,
    AttachPlan,
    CaughtUp,
    ContainerInfo,
    ContainerState,
    ExecConfig,
    ExecSession,
    ExecState,
    Output,
    Overview,
    ProcessIdentity,
    SessionInfo,
    StopStep,
    TerminalSize,
)
from tests.pilot.fake_attachment import FakeAttachment

NOW = 1_800_000_000.0


class FakeEngine:
    """Containers and sessions as the test wants them, and a record of what was asked."""

    def __init__(self) -> None:
        self.list_of_containers: list[ContainerInfo] = []
        self.list_of_sessions: list[SessionInfo] = []
        self.problems: list[str] = []
        self.calls: list[tuple[Any, ...]] = []
        self.errors: dict[str, BaseException] = {}
        self.attachments: dict[str, FakeAttachment] = {}
        self.plan = AttachPlan()
        self.remarks: tuple[str, ...] = ()
        self.greeting = b"/ # "
        self.replay: list[AttachEvent] = [CaughtUp()]
        self.steps: list[StopStep] = []
        self.start_gate: asyncio.Event | None = None
        self.step_gate: asyncio.Event | None = None
        self.opened = 0
        self.closed = 0
        self.open_error: Exception | None = None
        self._number = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- what the test says

    def add_container(
        self,
        name: str,
        *,
        state: ContainerState = ContainerState.RUNNING,
        runtime: str = "runc",
        engine: str = "runc",
        pid: int = 4711,
        age: float = 7200,
        root: str = "/run/runc",
    ) -> ContainerInfo:
        """One more container."""
        alive = state is not ContainerState.STOPPED
        container = ContainerInfo(
            id=name,
            name=name,
            engine=engine,
            runtime=runtime,
            root=root,
            bundle=f"/containers/{name}",
            state=state,
            init=ProcessIdentity(pid=pid, start_time=1) if alive else None,
            created=NOW - age,
        )
        self.list_of_containers.append(container)
        return container

    def add_session(
        self,
        container: ContainerInfo,
        command: list[str],
        *,
        session_id: str = "",
        state: ExecState = ExecState.RUNNING,
        age: float = 300,
        user: str = "",
        tty: bool = True,
        attached: int = 0,
        exit_code: int | None = None,
        monitor_alive: bool = True,
        pid: int = 0,
    ) -> SessionInfo:
        """One more session."""
        self._number += 1
        session_id = session_id or f"{self._number:012x}" + "ab" * 26
        session = SessionInfo(
            id=session_id,
            container_id=container.id,
            container_key=container.key,
            container_name=container.name,
            origin="exectop",
            state=state,
            pid=pid or (5000 + self._number if state is ExecState.RUNNING else 0),
            start_time=1,
            command=command,
            tty=tty,
            user=user,
            created=NOW - age,
            started=NOW - age + 1 if state is not ExecState.CREATED else None,
            finished=NOW - 1 if state is ExecState.STOPPED else None,
            exit_code=exit_code,
            attached=attached,
            monitor_alive=monitor_alive,
        )
        self.list_of_sessions.append(session)
        return session

    def change_session(self, session_id: str, **changes: Any) -> None:
        """A session is different now."""
        self.list_of_sessions = [
            msgspec.structs.replace(session, **changes) if session.id == session_id else session
            for session in self.list_of_sessions
        ]

    def called(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of every call of that method."""
        return [call[1:] for call in self.calls if call[0] == name]

    def let_start(self) -> None:
        """Let a start that waits go on."""
        assert self.start_gate is not None and self._loop is not None
        self._loop.call_soon_threadsafe(self.start_gate.set)

    def let_step(self) -> None:
        """Let a stop that waits go on."""
        assert self.step_gate is not None and self._loop is not None
        self._loop.call_soon_threadsafe(self.step_gate.set)

    def _note(self, name: str, *arguments: Any) -> None:
        self.calls.append((name, *arguments))
        if name in self.errors:
            raise self.errors[name]

    # -- what the worker asks

    async def __aenter__(self) -> FakeEngine:
        self._loop = asyncio.get_running_loop()
        if self.open_error is not None:
            raise self.open_error
        self.opened += 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closed += 1

    async def overview(self) -> Overview:
        self._note("overview")
        return Overview(
            containers=list(self.list_of_containers),
            sessions=list(self.list_of_sessions),
            problems=list(self.problems),
            taken=NOW,
        )

    async def wait_changed(self, timeout: float) -> None:
        await asyncio.sleep(timeout)

    async def find_any_session(self, reference: str) -> SessionInfo:
        for session in self.list_of_sessions:
            if session.id.startswith(reference):
                return session
        raise NoSuchSessionError(f"no session {reference}", hint="look again with ctrl-r")

    async def plan_attach(self, session_id: str) -> AttachPlan:
        return self.plan

    async def find_session(self, reference: str) -> ExecSession:
        session = await self.find_any_session(reference)
        return ExecSession(
            id=session.id,
            container_id=session.container_id,
            container_key=session.container_key,
            container_name=session.container_name,
            container_root="/run/runc",
            state=session.state,
            config=ExecConfig(command=session.command, terminal=session.tty),
            created=session.created,
            boot_id="boot",
        )

    async def find_shell(self, container: ContainerInfo) -> list[str]:
        self._note("find_shell", container.name)
        return ["/bin/sh"]

    async def exec_create(self, container: ContainerInfo, config: ExecConfig) -> str:
        self._note("exec_create", container.name, config)
        session = self.add_session(
            container, config.command, state=ExecState.CREATED, tty=config.terminal, age=0
        )
        return session.id

    async def exec_start(self, session_id: str, size: TerminalSize | None = None) -> None:
        self._note("exec_start", session_id, size)
        self.change_session(session_id, state=ExecState.RUNNING, pid=6000)

    async def exec_start_and_attach(
        self, session_id: str, size: TerminalSize | None = None
    ) -> FakeAttachment:
        self._note("exec_start_and_attach", session_id, size)
        if self.start_gate is not None:
            await self.start_gate.wait()
        self.change_session(session_id, state=ExecState.RUNNING, pid=6000, attached=1)
        return self._attach(session_id, [CaughtUp(), Output(data=self.greeting)])

    async def attach(self, session_id: str, *, rescue: bool = False) -> FakeAttachment:
        self._note("attach", session_id, *(["rescue"] if rescue else []))
        return self._attach(session_id, self.replay)

    def _attach(self, session_id: str, events: list[AttachEvent]) -> FakeAttachment:
        attachment = FakeAttachment(session_id, events)
        attachment.remarks = self.remarks
        self.attachments[session_id] = attachment
        return attachment

    async def exec_resize(self, session_id: str, size: TerminalSize) -> None:
        self._note("exec_resize", session_id, size)

    async def exec_stop_steps(
        self, session_id: str, timeout: float | None = None
    ) -> AsyncIterator[StopStep]:
        self._note("exec_stop_steps", session_id, timeout)
        for step in self.steps:
            yield msgspec.structs.replace(step, session_id=session_id)
            if self.step_gate is not None and step.phase != "stopped":
                await self.step_gate.wait()
                self.step_gate.clear()
        self.change_session(session_id, state=ExecState.STOPPED, exit_code=137)

    async def exec_cleanup(self, session_id: str) -> None:
        self._note("exec_cleanup", session_id)

    async def exec_remove(self, session_id: str, *, force: bool = False) -> None:
        self._note("exec_remove", session_id, force)
        self.list_of_sessions = [each for each in self.list_of_sessions if each.id != session_id]
