"""A model of exec sessions: what they run, and what they ought to be."""

from __future__ import annotations

import dataclasses
import signal
from collections import Counter

from runtime.model import EventName, ExecState, ProcessIdentity
from tests.integration.layer.conftest import Screenful


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a session runs, and how that ends when it is asked, or left by its monitor."""

    command: tuple[str, ...]
    terminal: bool
    asked: int
    outlives_monitor: bool


_DEAF = "trap '' TERM HUP; while :; do sleep 0.2; done"
KINDS = (
    Kind(("cat",), True, 128 + signal.SIGTERM, False),
    Kind(("sleep", "1000"), False, 128 + signal.SIGTERM, True),
    Kind(("sh", "-c", _DEAF), True, 128 + signal.SIGKILL, True),
)


@dataclasses.dataclass
class Model:
    """What a session ought to be."""

    id: str
    kind: Kind
    state: ExecState = ExecState.CREATED
    exit_code: int | None = None
    process: ProcessIdentity | None = None
    monitor: ProcessIdentity | None = None
    viewers: list[Screenful] = dataclasses.field(default_factory=list)
    events: Counter[EventName] = dataclasses.field(default_factory=Counter)

    @property
    def running(self) -> bool:
        """Whether it runs under its monitor."""
        return self.state is ExecState.RUNNING

    @property
    def orphaned(self) -> bool:
        """Whether its process lives on without a monitor."""
        return self.state is ExecState.STOPPED and self.process is not None

    def ended(self, exit_code: int | None) -> None:
        """It ended just now."""
        self.state, self.exit_code = ExecState.STOPPED, exit_code
        self.process = self.monitor = None
        self.events[EventName.DIED] += 1


# Attaches, says so, and looks on until it is killed.
VIEWER = """
import asyncio, sys, msgspec
from runtime.engine import Engine
from runtime.model import EngineSettings

async def main():
    async with Engine(msgspec.json.decode(sys.argv[1], type=EngineSettings)) as engine:
        attachment = await engine.attach(sys.argv[2])
        sys.stdout.write("attached\\n")
        sys.stdout.flush()
        async for _ in attachment.events():
            pass

asyncio.run(main())
"""
