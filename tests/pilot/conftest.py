"""The app on top of a scripted double of the engine."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from blockbuster import blockbuster_ctx

from app.attachment import Phase
from app.dashboard import ExecTop
from app.screens.terminal import TerminalScreen
from app.terminal_settings import TerminalSettings
from runtime.model import ContainerState, ExecState
from tests.pilot.fake_engine import FakeEngine
from themes.palette import load_palettes
from widgets.container_table import ContainerTable
from widgets.session_table import SessionTable

# The app, its pilot, and the double's attachment.
InShell = Callable[..., AbstractAsyncContextManager[tuple[ExecTop, Any, Any]]]


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[None]:
    """Code of ours that blocks a loop, the screen's or the worker's, fails the test."""
    load_palettes()
    with blockbuster_ctx(scanned_modules=["app", "widgets", "themes"]):
        yield


@pytest.fixture
def engine() -> FakeEngine:
    """An engine with nothing in it."""
    return FakeEngine()


@pytest.fixture
def furnished(engine: FakeEngine) -> FakeEngine:
    """A host as one meets it: every state there is."""
    web = engine.add_container("web-frontend", engine="podman", runtime="crun", pid=2211)
    database = engine.add_container("postgres", pid=2298, age=3 * 86400)
    engine.add_container("batch-import", state=ContainerState.PAUSED, pid=2310, age=5400)
    engine.add_container("migrations", state=ContainerState.STOPPED, age=86400 * 9)
    engine.add_container("warming-up", state=ContainerState.CREATED, pid=2391, age=12)
    engine.add_session(web, ["/bin/bash"], attached=1, age=410)
    engine.add_session(web, ["sh", "-c", "tail -F /var/log/app.log"], user="app", age=5400)
    engine.add_session(database, ["psql", "-U", "postgres"], user="postgres", age=86400)
    engine.add_session(
        database, ["pg_dump", "--all"], state=ExecState.STOPPED, exit_code=3, tty=False, age=900
    )
    engine.add_session(
        web, ["top"], state=ExecState.STOPPED, pid=5005, monitor_alive=False, age=100_000
    )
    return engine


@pytest.fixture
def make_app(engine: FakeEngine) -> Callable[..., ExecTop]:
    """A function that makes the app on the double."""

    def make(**changes: Any) -> ExecTop:
        names = TerminalSettings.__struct_fields__
        terminals = {name: changes.pop(name) for name in names if name in changes}
        settings: dict[str, Any] = {
            "places": "/run/runc, /run/crun",
            "theme": "exectop-dark",
            "terminals": TerminalSettings(**terminals),
            "refresh_interval": 0.05,
            "stop_timeout": 10.0,
            **changes,
        }
        return ExecTop(lambda: engine, **settings)

    return make


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], Any]:
    """A function that waits until something holds, and fails the test when it never does."""

    async def wait(condition: Callable[[], object], timeout: float = 10.0) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "what the test waits for did not happen"
            await asyncio.sleep(0.01)

    return wait


@pytest.fixture
def open_shell(engine: FakeEngine, wait_until: Any) -> Any:
    """A function that opens a shell by keys, from the lists, and gives the double's attachment."""

    async def opened(app: ExecTop, pilot: Any) -> Any:
        before = len(engine.attachments)
        await wait_until(lambda: app.screen.query(ContainerTable))
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: len(engine.attachments) > before)
        await wait_until(lambda: app.terminals.screen.attachment.phase is Phase.LIVE)
        return list(engine.attachments.values())[-1]

    return opened


@pytest.fixture
def in_shell(make_app: Callable[..., ExecTop], open_shell: Any) -> InShell:
    """`async with in_shell(size=(90, 30)) as (app, pilot, session)`: the app, and a shell in it.

    The keyword arguments are those of Textual's `run_test`, and the app's settings.
    """

    @contextlib.asynccontextmanager
    async def opened(
        size: tuple[int, int] = (80, 24), *, notifications: bool = False, **settings: Any
    ) -> AsyncIterator[tuple[ExecTop, Any, Any]]:
        app = make_app(**settings)
        async with app.run_test(size=size, notifications=notifications) as pilot:
            yield app, pilot, await open_shell(app, pilot)

    return opened


@pytest.fixture
def session(engine: FakeEngine) -> Any:
    """One running session in one running container."""
    return engine.add_session(engine.add_container("web"), ["sleep", "1000"])


@pytest.fixture
def in_sessions(wait_until: Any) -> Any:
    """A function that gives the keys to the table of sessions."""

    async def go(app: ExecTop, pilot: Any) -> None:
        await wait_until(lambda: app.screen.query_one(SessionTable).rows)
        await pilot.press("tab")
        await wait_until(lambda: isinstance(app.focused, SessionTable))

    return go
