"""The command line with a double of the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.cli.invocation import Invocation
from runtime.errors import ExectopError, NoSuchContainerError, NoSuchSessionError
from runtime.model import (
    AttachEvent,
    AttachPlan,
    Client,
    ContainerInfo,
    ContainerState,
    Event,
    ExecConfig,
    ExecSession,
    ExecState,
    InspectExecProcess,
    InspectExecSession,
    InspectKeptOutput,
    InspectMonitor,
    Overview,
    ProcessIdentity,
    Pruned,
    SessionInfo,
    StopStep,
    TerminalSize,
)
from runtime.sessions.pruning import plan

CONTAINER = ContainerInfo(
    id="a" * 64,
    name="web",
    engine="podman",
    runtime="crun",
    root="/run/crun",
    bundle="/b",
    state=ContainerState.RUNNING,
    init=ProcessIdentity(pid=42, start_time=1),
    created=1000.0,
)


def session_info(number: int, **changes: Any) -> SessionInfo:
    known: dict[str, Any] = {
        "id": f"{number:x}" * 64,
        "container_id": CONTAINER.id,
        "container_key": CONTAINER.key,
        "container_name": CONTAINER.name,
        "origin": "exectop",
        "state": ExecState.RUNNING,
        "pid": 100 + number,
        "start_time": 5000 + number,
        "command": ["sh", "-c", "echo 1"],
        "tty": True,
        "user": "",
        "created": 1700000000.25,
    }
    return SessionInfo(**{**known, **changes})


class ScriptedAttachment:
    """Plays events; remembers what was written."""

    def __init__(self, session_id: str, *events: AttachEvent) -> None:
        self.session_id = session_id
        self.remarks: tuple[str, ...] = ()
        self.takes_input = True
        self.config = ExecConfig(command=["sh"], terminal=True, attach_stdin=True)
        self.to_play = list(events)
        self.written = b""
        self.stdin_closed = self.closed = False

    async def events(self) -> AsyncIterator[AttachEvent]:
        for event in self.to_play:
            yield event

    async def write(self, data: bytes) -> None:
        self.written += data

    async def close_stdin(self) -> None:
        self.stdin_closed = True

    async def close(self) -> None:
        self.closed = True


class ScriptedEngine:
    """Answers from what the test put in; `calls` tells what was asked."""

    def __init__(self) -> None:
        self.found = Overview(containers=[CONTAINER], sessions=[], taken=1060.0)
        self.failures: dict[str, ExectopError] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.playing: list[AttachEvent] = []
        self.noted: list[Event] = []
        self.attachments: list[ScriptedAttachment] = []
        self.plan = AttachPlan()

    async def __aenter__(self) -> ScriptedEngine:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.calls.append(("closed",))

    def _called(self, name: str, *arguments: Any) -> None:
        self.calls.append((name, *arguments))
        if name in self.failures:
            raise self.failures[name]

    async def overview(self) -> Overview:
        self._called("overview")
        return self.found

    async def find_container(self, reference: str) -> ContainerInfo:
        if reference != "web":
            raise NoSuchContainerError(f"no container {reference!r}", hint="exectop ps")
        return CONTAINER

    async def find_any_session(self, reference: str) -> SessionInfo:
        for each in self.found.sessions:
            if each.id.startswith(reference):
                return each
        raise NoSuchSessionError(f"no exec session {reference!r}", hint="exectop ls")

    async def plan_attach(self, session_id: str) -> AttachPlan:
        return self.plan

    async def find_session(self, reference: str) -> ExecSession:
        for each in self.found.sessions:
            if each.id.startswith(reference):
                return ExecSession(
                    id=each.id,
                    container_id=each.container_id,
                    container_root=CONTAINER.root,
                    container_key=each.container_key,
                    container_name=each.container_name,
                    state=each.state,
                    config=ExecConfig(command=each.command, terminal=each.tty, attach_stdin=True),
                    created=each.created,
                    boot_id="",
                    process=ProcessIdentity(pid=each.pid, start_time=each.start_time),
                )
        raise NoSuchSessionError(f"no exec session {reference!r}", hint="exectop ls")

    async def find_shell(self, container: ContainerInfo) -> list[str]:
        return ["/bin/sh"]

    async def wait_changed(self, timeout: float) -> None:
        self._called("wait_changed", timeout)

    async def exec_create(self, container: ContainerInfo, config: ExecConfig) -> str:
        self._called("create", config)
        created = session_info(15, state=ExecState.CREATED, command=config.command)
        self.found = Overview(containers=[CONTAINER], sessions=[created])
        return created.id

    async def exec_start(self, session_id: str, size: TerminalSize | None = None) -> None:
        self._called("start", session_id, size)

    async def exec_start_and_attach(
        self, session_id: str, size: TerminalSize | None = None
    ) -> ScriptedAttachment:
        self._called("start_and_attach", session_id, size)
        return self._attachment(session_id)

    async def attach(self, session_id: str, *, rescue: bool = False) -> ScriptedAttachment:
        self._called("attach", session_id, *(["rescue"] if rescue else []))
        return self._attachment(session_id)

    def _attachment(self, session_id: str) -> ScriptedAttachment:
        self.attachments.append(ScriptedAttachment(session_id, *self.playing))
        return self.attachments[-1]

    async def exec_resize(self, session_id: str, size: TerminalSize) -> None:
        self._called("resize", session_id, size)

    async def exec_stop_steps(
        self, session_id: str, timeout: float | None = None
    ) -> AsyncIterator[StopStep]:
        self._called("stop", session_id, timeout)
        yield StopStep(session_id=session_id, phase="term", timeout=1.0, remaining=1.0)
        yield StopStep(
            session_id=session_id, phase="stopped", timeout=1.0, remaining=0.0, exit_code=143
        )

    async def exec_stop(self, session_id: str, timeout: float | None = None) -> None:
        self._called("stop", session_id, timeout)

    async def exec_cleanup(self, session_id: str) -> None:
        self._called("cleanup", session_id)

    async def exec_remove(self, session_id: str, *, force: bool = False) -> None:
        self._called("remove", session_id, force)

    async def recover(self) -> list[str]:
        return []

    async def sessions(self, *, idle_limit: float | None = None) -> list[SessionInfo]:
        self._called("sessions", idle_limit)
        return self.found.sessions

    def prune_plan(self, session: SessionInfo) -> Pruned:
        return plan(session)

    async def exec_prune(self, session_id: str, *, idle_limit: float | None = None) -> Pruned:
        self._called("prune", session_id, idle_limit)
        (session,) = [each for each in self.found.sessions if each.id == session_id]
        return plan(session)

    def find_session_id(self, reference: str) -> str:
        for each in self.noted:
            if each.session_id.startswith(reference):
                return each.session_id
        raise NoSuchSessionError(f"no exec session {reference!r}", hint="exectop ls")

    def events(
        self, *, session_id: str = "", since: float | None = None, limit: int = 1000
    ) -> list[Event]:
        self._called("events", session_id, since, limit)
        return [each for each in self.noted if session_id in ("", each.session_id)]

    async def inspect(self, session_id: str) -> InspectExecSession:
        self._called("inspect", session_id)
        process = InspectExecProcess(
            arguments=[], entrypoint="sh", privileged=False, tty=True, user="root"
        )
        return InspectExecSession(
            can_remove=False,
            container_id=CONTAINER.id,
            detach_keys="",
            exit_code=0,
            id=session_id,
            open_stderr=True,
            open_stdin=True,
            open_stdout=True,
            running=True,
            pid=1,
            process_config=process,
            state="running",
            container_name="web",
            created="",
            started="",
            finished="",
            owner=0,
            attached=0,
            monitor_alive=True,
            bundle="/b",
            start_time=7,
            process_state="sleeping",
            created_by=Client(uid=0, loginuid=1000, sudo_user="jo", pid=9, tty="/dev/pts/0"),
            monitor=InspectMonitor(pid=8, start_time=6, alive=True),
            kept_output=InspectKeptOutput(path="/b/exec_log", bytes=16, cap=4096, rotated=False),
        )


@pytest.fixture
def engine() -> ScriptedEngine:
    """The double, to be furnished by the test."""
    return ScriptedEngine()


@pytest.fixture
def make_session() -> Callable[..., SessionInfo]:
    """A factory of listed sessions: `make_session(7, tty=False)` has the id 777…"""
    return session_info


@pytest.fixture
def run(engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """A function that runs a command line against the double."""
    monkeypatch.setenv("EXECTOP_CONFIG", "/dev/null")
    monkeypatch.delenv("EXECTOP_DEBUG", raising=False)

    def invoke(*words: str) -> Result:
        invocation = Invocation(lambda settings: engine)
        return CliRunner().invoke(main, words, obj=invocation)

    return invoke
