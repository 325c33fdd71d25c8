"""The form that asks for a command and how to run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.widgets import Checkbox, Input, Static, TextArea

from app.dashboard import ExecTop
from app.screens.terminal import TerminalScreen
from app.screens.wanted import ExecWanted
from tests.pilot.looking import toasts
from widgets.container_table import ContainerTable
from widgets.session_table import SessionTable

MakeApp = Callable[..., ExecTop]


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


async def test_a_key_held_down_asks_once(engine: Any, make_app: MakeApp, wait_until: Any) -> None:
    container = engine.add_container("web")
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        for _ in range(3):
            app.post_message(ExecWanted(container))
        await wait_until(lambda: app.screen.id == "exec-form")
        await pilot.pause()
        await pilot.press("escape")
        await wait_until(lambda: app.screen.id == "main")
