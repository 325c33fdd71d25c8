"""What the worker needs of the engine: small interfaces, so that a scripted double can stand in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from runtime.model import (
    AttachEvent,
    AttachPlan,
    ContainerInfo,
    ExecConfig,
    ExecSession,
    Overview,
    SessionInfo,
    StopStep,
    TerminalSize,
)


class AttachmentPort(Protocol):
    """One viewer of a session (`runtime.sessions.attachment.AnyAttachment`)."""

    session_id: str
    remarks: tuple[str, ...]

    @property
    def config(self) -> ExecConfig:
        """What the session runs, and how."""

    @property
    def takes_input(self) -> bool:
        """Whether there is any use in typing."""

    def events(self) -> AsyncIterator[AttachEvent]:
        """What the session prints, and its end."""

    async def write(self, data: bytes) -> None:
        """Send input, whole and in order."""

    async def close_stdin(self) -> None:
        """Tell a session without tty that no more input comes."""

    async def close(self) -> None:
        """Leave the session running."""


class EnginePort(Protocol):
    """The part of `runtime.engine.Engine` that the dashboard uses."""

    async def overview(self) -> Overview:
        """Everything there is to list."""

    async def wait_changed(self, timeout: float) -> None:
        """Wait until something changed, at most `timeout` seconds."""

    async def find_session(self, reference: str) -> ExecSession:
        """The session with that id or unique prefix."""

    async def find_shell(self, container: ContainerInfo) -> list[str]:
        """The command of the best shell in the container."""

    async def exec_create(self, container: ContainerInfo, config: ExecConfig) -> str:
        """Record a new session; its id."""

    async def exec_start(self, session_id: str, size: TerminalSize | None = None) -> None:
        """Start it with no viewer."""

    async def exec_start_and_attach(
        self, session_id: str, size: TerminalSize | None = None
    ) -> AttachmentPort:
        """Start it with a viewer that sees everything from the first byte."""

    async def find_any_session(self, reference: str) -> SessionInfo:
        """The same, whoever began it."""

    async def plan_attach(self, session_id: str) -> AttachPlan:
        """What coming back to a session would do, and rescuing it."""

    async def attach(self, session_id: str, *, rescue: bool = False) -> AttachmentPort:
        """Come back to a running session, whoever began it."""

    async def exec_resize(self, session_id: str, size: TerminalSize) -> None:
        """Set the size of its terminal."""

    def exec_stop_steps(
        self, session_id: str, timeout: float | None = None
    ) -> AsyncIterator[StopStep]:
        """Stop it, telling each step."""

    async def exec_cleanup(self, session_id: str) -> None:
        """Remove the temporary files of an ended session."""

    async def exec_remove(self, session_id: str, *, force: bool = False) -> None:
        """Remove the session."""


class EngineFactory(Protocol):
    """Makes the engine when the worker's loop runs: it must be opened and closed there."""

    def __call__(self) -> AbstractAsyncContextManager[EnginePort]:
        """A fresh engine, to be entered."""
