"""What keys do to sessions: stop, remove, clean up, attach; and the help that lists them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.widgets import Static

from app.dashboard import ExecTop
from runtime.errors import SessionStateError
from runtime.model import ExecState, StopStep
from tests.pilot.looking import toasts
from widgets.container_table import ContainerTable
from widgets.session_table import SessionTable

MakeApp = Callable[..., ExecTop]


def state_of(app: ExecTop, session_id: str) -> str:
    """The state cell of a session."""
    table = app.query_one(SessionTable)
    return next(row.cells["state"].text for row in table.rows if row.key == session_id)


async def test_stop_shows_the_countdown_then_kill_then_the_end(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    def step(phase: str, remaining: float, code: int | None = None) -> StopStep:
        return StopStep(
            session_id="", phase=phase, timeout=10.0, remaining=remaining, exit_code=code
        )

    engine.steps = [
        step("term", 10.0),
        step("term", 4.0),
        step("kill", 0.0),
        step("stopped", 0, 137),
    ]
    engine.step_gate = asyncio.Event()
    app = make_app()
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await in_sessions(app, pilot)
        await pilot.press("x")
        await wait_until(lambda: state_of(app, session.id) == "◌ ▰▰▰▰▰ 10s")
        await pilot.press("x")
        # Asked twice, it waits no longer.
        await wait_until(lambda: len(engine.called("exec_stop_steps")) == 2)
        assert engine.called("exec_stop_steps") == [(session.id, 10.0), (session.id, 0)]
        engine.let_step()
        await wait_until(lambda: state_of(app, session.id) == "◌ ▰▰▱▱▱ 4s")
        engine.let_step()
        await wait_until(lambda: state_of(app, session.id) == "◌ KILL sent")
        engine.let_step()
        await wait_until(lambda: state_of(app, session.id) == "■ exited")
        await wait_until(lambda: any("ended with code 137" in text for text in toasts(app)))


async def test_several_stops_run_at_once(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    other = engine.add_session(engine.list_of_containers[0], ["top"], age=1000)
    engine.steps = [StopStep(session_id="", phase="term", timeout=10.0, remaining=6.0)]
    engine.step_gate = asyncio.Event()
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await in_sessions(app, pilot)
        await pilot.press("x", "j", "x")
        await wait_until(
            lambda: [state_of(app, each) for each in (session.id, other.id)] == ["◌ ▰▰▰▱▱ 6s"] * 2
        )


async def test_the_stop_of_an_orphan_shows_its_progress(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    engine.change_session(session.id, state=ExecState.STOPPED, monitor_alive=False)
    engine.steps = [StopStep(session_id="", phase="term", timeout=10.0, remaining=6.0)]
    engine.step_gate = asyncio.Event()
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await in_sessions(app, pilot)
        await wait_until(lambda: state_of(app, session.id) == "! orphaned")
        await pilot.press("x")
        await wait_until(lambda: state_of(app, session.id) == "◌ ▰▰▰▱▱ 6s")
        before = len(engine.called("overview"))
        await wait_until(lambda: len(engine.called("overview")) > before + 2)
        await pilot.pause()
        assert state_of(app, session.id) == "◌ ▰▰▰▱▱ 6s", "an overview does not forget the stop"


async def test_a_stop_that_fails_is_a_toast_and_its_progress_goes(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    engine.errors["exec_stop_steps"] = SessionStateError("it is not there", hint="press ctrl+r")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await in_sessions(app, pilot)
        await pilot.press("x")
        await wait_until(lambda: toasts(app) == ["it is not there\npress ctrl+r"])
        assert state_of(app, session.id) == "● running"


async def test_remove_asks_and_forces_what_runs(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await in_sessions(app, pilot)
        await pilot.press("ctrl+d")
        await wait_until(lambda: app.screen.id == "confirm")
        assert "still running" in str(app.screen.query_one(Static).render())
        await pilot.press("enter")
        await wait_until(lambda: app.screen.id == "main")
        assert engine.called("exec_remove") == [], "the keys start on cancel"
        await pilot.press("delete", "y")
        await wait_until(lambda: engine.called("exec_remove") == [(session.id, True)])
        await wait_until(lambda: any("removed" in text for text in toasts(app)))
        await wait_until(lambda: not app.screen.query_one(SessionTable).rows)
        assert isinstance(app.focused, ContainerTable)


async def test_remove_of_an_ended_session_does_not_force(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    engine.change_session(session.id, state=ExecState.STOPPED, exit_code=0)
    app = make_app()
    async with app.run_test() as pilot:
        await in_sessions(app, pilot)
        await pilot.press("ctrl+d", "y")
        await wait_until(lambda: engine.called("exec_remove") == [(session.id, False)])


async def test_cleanup_and_refresh(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    app = make_app(refresh_interval=60)
    async with app.run_test(notifications=True) as pilot:
        await in_sessions(app, pilot)
        await pilot.press("c")
        await wait_until(lambda: engine.called("exec_cleanup") == [(session.id,)])
        await wait_until(lambda: any("cleaned up" in text for text in toasts(app)))
        engine.add_container("fresh")
        before = len(engine.called("overview"))
        await pilot.press("ctrl+r")
        await wait_until(lambda: len(engine.called("overview")) > before)
        await wait_until(lambda: len(app.screen.query_one(ContainerTable).rows) == 2)


async def test_attaching_to_an_ended_session_says_what_to_do(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    engine.change_session(session.id, state=ExecState.STOPPED, exit_code=0)
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await in_sessions(app, pilot)
        await wait_until(lambda: state_of(app, session.id) == "■ exited")
        await pilot.press("enter")
        await wait_until(lambda: any("only running sessions" in text for text in toasts(app)))
        assert app.screen.id == "main"


async def test_attach_from_the_containers_takes_the_newest_session(
    engine: Any, session: Any, make_app: MakeApp, wait_until: Any
) -> None:
    newer = engine.add_session(engine.list_of_containers[0], ["top"], age=5)
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 2)
        await pilot.press("a")
        await wait_until(lambda: engine.called("attach") == [(newer.id,)])


async def test_help_lists_the_keys(engine: Any, make_app: MakeApp, wait_until: Any) -> None:
    app = make_app()
    async with app.run_test(size=(100, 50)) as pilot:
        await pilot.press("question_mark")
        await wait_until(lambda: app.screen.id == "help")
        words = app.export_screenshot()
        for text in ("ctrl-p&#160;ctrl-q", "countdown", "shift+pgup"):
            assert text in words
        await pilot.press("escape")
        assert app.screen.id == "main"
        await pilot.press("f1")
        assert app.screen.id == "help"
