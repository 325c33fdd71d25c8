"""What goes wrong is told, and the dashboard goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.dashboard import ExecTop
from runtime.errors import ContainerStateError, StateError
from tests.pilot.looking import toasts
from widgets.container_table import ContainerTable

MakeApp = Callable[..., ExecTop]


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
