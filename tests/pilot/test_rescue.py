"""Coming back to sessions of other programs: at once, or by rescue once that is agreed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.attachment import Phase
from app.dashboard import ExecTop
from app.screens.confirm import ConfirmScreen
from app.screens.terminal import TerminalScreen
from runtime.model import Action, SessionActions
from tests.pilot.looking import toasts

MakeApp = Callable[..., ExecTop]
NO = Action(possible=False, reason="it has no terminal")


@pytest.fixture
def foreign(engine: Any) -> Callable[..., Any]:
    """A function that furnishes a session of docker's, with what can be done to it."""

    def add(attach: Action, rescue: Action) -> Any:
        session = engine.add_session(engine.add_container("web"), ["sleep", "1000"])
        actions = SessionActions(attach=attach, rescue=rescue)
        engine.change_session(session.id, origin="docker", recorded=False, actions=actions)
        return session

    return add


@pytest.fixture
def come_back(in_sessions: Any) -> Any:
    """A function that asks for the session."""

    async def press(app: ExecTop, pilot: Any) -> None:
        await in_sessions(app, pilot)
        await pilot.press("a")

    return press


async def test_it_is_rescued_once_that_is_agreed_to(
    engine: Any, foreign: Any, make_app: MakeApp, come_back: Any, wait_until: Any
) -> None:
    session = foreign(NO, Action())
    app = make_app()
    async with app.run_test() as pilot:
        await come_back(app, pilot)
        await wait_until(lambda: isinstance(app.screen, ConfirmScreen))
        assert engine.called("attach") == []
        await pilot.press("y")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: app.terminals.screen.attachment.phase is Phase.LIVE)
        assert engine.called("attach") == [(session.id, "rescue")]


async def test_nothing_is_done_where_it_is_not_agreed_to(
    engine: Any, foreign: Any, make_app: MakeApp, come_back: Any, wait_until: Any
) -> None:
    foreign(NO, Action())
    app = make_app()
    async with app.run_test() as pilot:
        await come_back(app, pilot)
        await wait_until(lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("n")
        await wait_until(lambda: not isinstance(app.screen, ConfirmScreen))
        await pilot.pause()
        assert engine.called("attach") == []


async def test_one_that_can_be_attached_to_is_not_asked_about(
    engine: Any, foreign: Any, make_app: MakeApp, come_back: Any, wait_until: Any
) -> None:
    session = foreign(Action(), Action())
    app = make_app()
    async with app.run_test() as pilot:
        await come_back(app, pilot)
        await wait_until(lambda: engine.called("attach"))
        assert engine.called("attach") == [(session.id,)]


async def test_what_it_cannot_do_is_told(
    engine: Any, foreign: Any, make_app: MakeApp, come_back: Any, wait_until: Any
) -> None:
    foreign(Action(), Action())
    engine.remarks = ("You can only watch: so it is.",)
    app = make_app()
    async with app.run_test() as pilot:
        await come_back(app, pilot)
        await wait_until(lambda: toasts(app) == ["You can only watch: so it is."])


async def test_where_nothing_can_be_done_the_reason_is_told(
    engine: Any, foreign: Any, make_app: MakeApp, come_back: Any, wait_until: Any
) -> None:
    foreign(NO, NO)
    app = make_app()
    async with app.run_test() as pilot:
        await come_back(app, pilot)
        await wait_until(lambda: toasts(app))
        (told,) = toasts(app)
        assert "cannot be attached to" in told
        assert NO.reason in told
        assert engine.called("attach") == []
