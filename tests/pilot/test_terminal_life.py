"""A terminal from its start to its end, and coming back to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app import output_pump
from app.dashboard import ExecTop
from app.screens import pane as pane_module
from app.screens.terminal import TerminalScreen
from app.viewer import WINDOW
from runtime.errors import NoShellError, SessionStateError
from runtime.model import CaughtUp, Ended, Output, SizeChanged, TerminalSize
from tests.pilot.conftest import InShell
from tests.pilot.looking import DETACH, head, screen_text
from widgets.container_table import ContainerTable
from widgets.session_table import SessionTable
from widgets.status_line import StatusLine
from widgets.terminal import TerminalView

MakeApp = Callable[..., ExecTop]


@pytest.fixture(autouse=True)
def one_container(engine: Any) -> Any:
    """All tests here have one running container."""
    return engine.add_container("web")


async def test_a_shell_opens_in_the_size_of_the_widget(
    engine: Any, in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(size=(90, 30)) as (app, _pilot, _session):
        ((_, size),) = engine.called("exec_start_and_attach")
        assert size == TerminalSize(rows=29, columns=90)
        ((name, config),) = engine.called("exec_create")
        assert name == "web"
        assert config.command == ["/bin/sh"]
        assert config.terminal and config.attach_stdin
        await wait_until(lambda: screen_text(app) == "/ #")
        assert "web" in head(app)
        assert "90x29" in head(app)
        assert "ctrl-p ctrl-q detaches" in head(app)


async def test_a_start_that_hangs_can_be_left(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.start_gate = asyncio.Event()
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: engine.called("exec_start_and_attach"))
        await pilot.press(*DETACH)
        await wait_until(lambda: app.screen.id == "main")
        engine.let_start()
        await wait_until(lambda: engine.attachments)
        (session,) = engine.attachments.values()
        await wait_until(lambda: session.closed)
        await wait_until(lambda: app.screen.query_one(SessionTable).rows)
        assert engine.list_of_sessions[0].state.value == "running"


async def test_coming_back_replays_the_screen(
    engine: Any, one_container: Any, make_app: MakeApp, wait_until: Any
) -> None:
    session = engine.add_session(one_container, ["vi"])
    engine.replay = [
        SizeChanged(size=TerminalSize(rows=10, columns=40)),
        Output(data=b"\x1b[6n\x07" + b"wrapped " * 6, replay=True),
        SizeChanged(size=TerminalSize(rows=12, columns=60)),
        Output(data=b"\r\nlast\x1b[5n", replay=True),
        CaughtUp(),
        Output(data=b" live\x1b[6n"),
    ]
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 1)
        await pilot.press("tab", "enter")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: screen_text(app).endswith("last live"))
        view = app.screen.query_one(TerminalView)
        assert (view.terminal.columns, view.terminal.lines) == (80, 23)
        assert screen_text(app).startswith("wrapped wrapped")
        attached = engine.attachments[session.id]
        await wait_until(lambda: attached.written)
        # Only the live query is answered, at the size there is now.
        assert bytes(attached.written).startswith(b"\x1b[")
        assert attached.written.count(b"R") == 1
        assert b"\x1b[0n" not in attached.written
        await wait_until(lambda: engine.called("exec_resize"))
        assert engine.called("exec_resize") == [(session.id, TerminalSize(rows=23, columns=80))]


async def test_a_resize_reaches_the_session(
    engine: Any, in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(size=(80, 24)) as (app, pilot, session):
        await pilot.resize_terminal(100, 40)
        await wait_until(lambda: engine.called("exec_resize"))
        assert engine.called("exec_resize")[-1] == (
            session.session_id,
            TerminalSize(rows=39, columns=100),
        )
        view = app.screen.query_one(TerminalView)
        assert (view.terminal.columns, view.terminal.lines) == (100, 39)
        assert "100x39" in head(app)


async def test_the_end_stays_readable(engine: Any, in_shell: InShell, wait_until: Any) -> None:
    async with in_shell() as (app, pilot, session):
        session.print(b"last words")
        session.emit(Ended(exit_code=3))
        foot = app.screen.query_one("#pane-foot", StatusLine)
        await wait_until(lambda: foot.display)
        assert "exited with code 3" in foot.text
        assert "last words" in screen_text(app)
        await pilot.press("x")
        assert isinstance(app.screen, TerminalScreen), "typed ahead, not meant for us"
        await pilot.pause(pane_module.GRACE)
        await pilot.press("x")
        await wait_until(lambda: app.screen.id == "main")
        assert session.written == b""
        assert session.closed


async def test_a_shell_that_cannot_start_is_a_toast(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.errors["find_shell"] = NoShellError("no shell in web", hint="use e for a command")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: len(app._notifications) > 0)
        await wait_until(lambda: app.screen.id == "main")
        (toast,) = app._notifications
        assert toast.message == "no shell in web\nuse e for a command"
        assert toast.severity == "error"


async def test_what_never_started_leaves_no_record(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.errors["exec_start_and_attach"] = SessionStateError("the container just died")
    app = make_app()
    async with app.run_test(notifications=True) as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: engine.called("exec_remove"))
        await wait_until(lambda: len(app._notifications) > 0)
        assert engine.list_of_sessions == []


async def test_where_output_is_missing_the_program_is_made_to_draw_anew(
    engine: Any, one_container: Any, make_app: MakeApp, wait_until: Any
) -> None:
    session = engine.add_session(one_container, ["vi"])
    engine.replay = [CaughtUp(truncated=True)]
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 1)
        await pilot.press("a")
        await wait_until(lambda: len(engine.called("exec_resize")) > 1)
        sizes = [size.rows for _, size in engine.called("exec_resize")]
        assert sizes[-2:] == [24, 23]
        assert {each for each, _ in engine.called("exec_resize")} == {session.id}


async def test_a_flood_is_bounded_and_keys_stay_alive(
    engine: Any,
    in_shell: InShell,
    wait_until: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with in_shell() as (app, pilot, session):
        chunk = b"0123456789abcdef" * 500 + b"\r\n"
        pump = app._pump
        monkeypatch.setattr(pump, "run", lambda: None)
        chunks = 4 * WINDOW // len(chunk)
        session.emit(*[Output(data=chunk) for _ in range(chunks)])
        attachment = app.screen.attachment  # type: ignore[attr-defined]
        await wait_until(lambda: attachment.has_work)
        await pilot.pause(0.3)
        waiting = attachment.waiting
        assert WINDOW <= waiting <= WINDOW + 2 * len(chunk), "the worker stopped pulling"
        assert session.pulled < chunks
        monkeypatch.undo()
        pump.run()
        await pilot.press("ctrl+c")
        await wait_until(lambda: session.written == b"\x03")
        session.print(b"\r\nthe end")
        await wait_until(lambda: screen_text(app).endswith("the end"), timeout=60)
        assert output_pump.BUDGET < 0.02


async def test_a_session_without_terminal(
    engine: Any, one_container: Any, make_app: MakeApp, wait_until: Any
) -> None:
    session = engine.add_session(one_container, ["cat"], tty=False)
    engine.replay = [CaughtUp(), Output(data=b"one\ntwo\n")]
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 1)
        await pilot.press("tab", "enter")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: screen_text(app) == "one\ntwo")
        await pilot.press("h", "o", "backspace", "i", "enter")
        attached = engine.attachments[session.id]
        await wait_until(lambda: attached.written == b"hi\n")
        await wait_until(lambda: screen_text(app) == "one\ntwo\nhi")
        await pilot.press("ctrl+d")
        await wait_until(lambda: attached.stdin_closed)
        assert engine.called("exec_resize") == []
