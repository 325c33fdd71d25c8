"""What every command needs: the settings in force, and an engine for as long as it runs."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

import click

from app.ports import EnginePort
from app.settings import Options, Settings, load_settings
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    Event,
    InspectExecSession,
    Pruned,
    SessionInfo,
)

T = TypeVar("T")


class CommandEngine(EnginePort, Protocol):
    """The part of `runtime.engine.Engine` that the command line uses."""

    async def find_container(self, reference: str) -> ContainerInfo:
        """The container of that name, id or unique id prefix."""

    async def exec_stop(self, session_id: str, timeout: float | None = None) -> None:
        """Stop a session: TERM, `timeout` seconds, KILL."""

    async def inspect(self, session_id: str) -> InspectExecSession:
        """Everything there is to tell about a session."""

    async def recover(self) -> list[str]:
        """Mend what crashes left behind; a sentence for each thing that was mended."""

    async def sessions(self, *, idle_limit: float | None = None) -> list[SessionInfo]:
        """All sessions, with what is the matter with each; idle is what was so for that long."""

    async def exec_prune(self, session_id: str, *, idle_limit: float | None = None) -> Pruned:
        """Do away with a session that is certainly stuck."""

    def prune_plan(self, session: SessionInfo) -> Pruned:
        """What that would do."""

    def find_session_id(self, reference: str) -> str:
        """The id of the session with that id or unique prefix, be it only one that was."""

    def events(
        self, *, session_id: str = "", since: float | None = None, limit: int = 1000
    ) -> list[Event]:
        """What happened to that session, or to all."""


OpenEngine = Callable[[EngineSettings], AbstractAsyncContextManager[CommandEngine]]


def open_real_engine(settings: EngineSettings) -> AbstractAsyncContextManager[CommandEngine]:
    """The engine itself; imported late, so that `--help` answers at once."""
    from runtime.engine import Engine

    return Engine(settings)


class Invocation:
    """One run of the program: the global options, and what follows from them."""

    def __init__(self, open_engine: OpenEngine = open_real_engine) -> None:
        self.options = Options()
        self._open_engine = open_engine

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings in force, read when first needed."""
        return load_settings(self.options)

    def run(self, work: Callable[[CommandEngine], Awaitable[T]]) -> T:
        """Open the engine, do `work` with it in an event loop, and close it whatever happens."""

        async def whole() -> T:
            async with self._open_engine(self.settings.engine) as engine:
                return await work(engine)

        return asyncio.run(whole())


pass_invocation = click.make_pass_decorator(Invocation, ensure=True)
