"""What keys do to sessions, what goes wrong, and leaving."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual.widgets import Checkbox, Input, Static, TextArea

from app.dashboard import ExecTop
from app.screens.terminal import TerminalScreen
from runtime.errors import ContainerStateError, SessionStateError, StateError
from runtime.model import ExecState, StopStep
from widgets.container_table import ContainerTable
from widgets.session_table import SessionTable

MakeApp = Callable[..., ExecTop]


def toasts(app: ExecTop) -> list[str]:
    """What the toasts say."""
    return [toast.message for toast in app._notifications]


def state_of(app: ExecTop, session_id: str) -> str:
    """The state cell of a session."""
    table = app.query_one(SessionTable)
    return next(row.cells["state"].text for row in table.rows if row.key == session_id)


@pytest.fixture
def session(engine: Any) -> Any:
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


async def test_the_form_validates(engine: Any, make_app: MakeApp, wait_until: Any) -> None:
    engine.add_container("web")
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("e")
        await wait_until(lambda: app.screen.id == "exec-form")
        problem = app.screen.query_one("#problem", Static)
        await pilot.press("enter")
        assert "which command?" in str(problem.render())
        await pilot.press(*"sh 'x")
        assert str(problem.render()) == ""
        await pilot.press("enter")
        assert "quote" in str(problem.render())
        app.screen.query_one("#command", Input).value = "env"
        app.screen.query_one("#environment", TextArea).text = "GOOD=1\nbad line"
        await pilot.press("ctrl+s")
        assert "line 2 is not NAME=VALUE" in str(problem.render())
        assert isinstance(app.focused, TextArea)
        app.screen.query_one("#environment", TextArea).text = "GOOD=1"
        app.screen.query_one("#work-dir", Input).value = "tmp"
        await pilot.press("ctrl+s")
        assert "start with /" in str(problem.render())
        assert engine.called("exec_create") == []
        await pilot.press("escape")
        assert app.screen.id == "main"


async def test_the_form_runs_a_command(engine: Any, make_app: MakeApp, wait_until: Any) -> None:
    engine.add_container("web")
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("e", *"sh -c 'echo $A'", "tab", *"app:1", "tab", *"/srv", "tab")
        await pilot.press(*"A=b=c", "tab", "tab", "space", "tab", "tab", "enter")
        await wait_until(lambda: engine.called("exec_create"))
        ((name, config),) = engine.called("exec_create")
        assert name == "web"
        assert config.command == ["sh", "-c", "echo $A"]
        assert config.user == "app:1"
        assert config.work_dir == "/srv"
        assert config.environment == {"A": "b=c"}
        assert config.privileged and config.terminal and config.attach_stdin
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))


async def test_the_form_starts_detached(engine: Any, make_app: MakeApp, wait_until: Any) -> None:
    engine.add_container("web")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("e", *"sleep 9")
        app.screen.query_one("#detach", Checkbox).value = True
        await pilot.press("enter")
        await wait_until(lambda: engine.called("exec_start"))
        await wait_until(lambda: any("runs in web" in text for text in toasts(app)))
        assert app.screen.id == "main"
        table = app.screen.query_one(SessionTable)
        await wait_until(lambda: app.focused is table)


async def test_an_error_is_a_toast_with_its_hint(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.add_container("web")
    engine.errors["exec_create"] = ContainerStateError("web is paused", hint="unpause it first")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: toasts(app) == ["web is paused\nunpause it first"])
        await wait_until(lambda: app.screen.id == "main")


async def test_an_unexpected_exception_is_told_and_the_dashboard_goes_on(
    engine: Any, session: Any, make_app: MakeApp, in_sessions: Any, wait_until: Any
) -> None:
    engine.errors["exec_cleanup"] = ZeroDivisionError("boom")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await in_sessions(app, pilot)
        await pilot.press("c")
        await wait_until(lambda: len(toasts(app)) == 1)
        assert "Cleanup failed: ZeroDivisionError: boom" in toasts(app)[0]
        assert "report it" in toasts(app)[0]
        engine.add_container("later")
        await wait_until(lambda: len(app.screen.query_one(ContainerTable).rows) == 2)


async def test_an_overview_that_fails_again_and_again_is_told_once(
    engine: Any, session: Any, make_app: MakeApp, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(notifications=True):
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        engine.errors["overview"] = StateError("the database is locked", hint="look who holds it")
        before = len(engine.called("overview"))
        await wait_until(lambda: len(engine.called("overview")) > before + 4)
        assert toasts(app) == ["the database is locked\nlook who holds it"]
        del engine.errors["overview"]
        engine.add_container("later")
        await wait_until(lambda: len(app.screen.query_one(ContainerTable).rows) == 2)


async def test_an_engine_that_cannot_open_is_tried_again(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.open_error = StateError("the state folder is not ours", hint="chown it")
    engine.add_container("web")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await wait_until(lambda: toasts(app) == ["the state folder is not ours\nchown it"])
        engine.open_error = None
        await pilot.press("ctrl+r")
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)


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
