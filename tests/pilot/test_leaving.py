"""Leaving the dashboard: what goes on is told of, and what would be lost is asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.widgets import Static

from app.dashboard import ExecTop
from runtime.model import StopStep
from widgets.session_table import SessionTable

MakeApp = Callable[..., ExecTop]


async def test_quit_says_that_sessions_go_on(
    engine: Any, session: Any, make_app: MakeApp, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: app.screen.query_one(SessionTable).rows)
        await pilot.press("q")
        await wait_until(lambda: not app.is_running)
    assert engine.closed == 1
    assert app.return_value == (
        f"1 session goes on; come back with `exectop` or `exectop attach {session.id[:12]}`"
    )


async def test_quit_asks_while_a_terminal_is_attached(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await in_sessions(app, pilot)
        await pilot.press("enter")
        await wait_until(lambda: engine.attachments)
        await wait_until(lambda: app.screen.id == "terminal-screen")
        await app.action_leave()
        await wait_until(lambda: app.screen.id == "confirm")
        await pilot.press("n")
        assert app.screen.id == "terminal-screen"
        await app.action_leave()
        await pilot.press("y")
        await wait_until(lambda: not app.is_running)
    assert engine.attachments[session.id].closed


async def test_quit_asks_while_a_stop_is_under_way(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    engine.steps = [StopStep(session_id="", phase="term", timeout=10.0, remaining=6.0)]
    engine.step_gate = asyncio.Event()
    app = make_app()
    async with app.run_test() as pilot:
        await in_sessions(app, pilot)
        await pilot.press("x")
        await wait_until(lambda: app.stops.steps)
        await pilot.press("q")
        await wait_until(lambda: app.screen.id == "confirm")
        assert "KILL will not be sent" in str(app.screen.query_one(Static).render())
        await pilot.press("y")
        await wait_until(lambda: not app.is_running)
    assert engine.closed == 1
