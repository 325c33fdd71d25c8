"""Looking back, the mouse, the focus, the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual import events

from app.dashboard import ExecTop
from app.screens.terminal import TerminalScreen
from runtime.model import CaughtUp, Output
from tests.pilot.conftest import InShell
from tests.pilot.looking import PREFIX, active_view, head, screen_text
from widgets.session_table import SessionTable
from widgets.terminal import TerminalView

MakeApp = Callable[..., ExecTop]


@pytest.fixture(autouse=True)
def one_container(engine: Any) -> Any:
    """All tests here have one running container."""
    return engine.add_container("web")


async def test_the_mouse_is_reported_to_programs_that_ask(
    in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell() as (app, pilot, session):
        await pilot.click(TerminalView, offset=(4, 2))
        session.print(b"\x1b[?1000h\x1b[?1006h")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.mouse_tracking == "normal")
        assert session.written == b""
        await pilot.click(TerminalView, offset=(4, 2))
        await wait_until(lambda: session.written == b"\x1b[<0;5;3M\x1b[<0;5;3m")


async def test_focus_is_told_to_programs_that_ask(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell() as (app, _pilot, session):
        session.print(b"\x1b[?1004h")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.focus_events)
        app.post_message(events.AppBlur())
        await wait_until(lambda: session.written == b"\x1b[O")
        app.post_message(events.AppFocus())
        await wait_until(lambda: session.written == b"\x1b[O\x1b[I")


async def test_looking_back_and_forward(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell(size=(80, 24)) as (app, pilot, session):
        session.print(b"".join(b"line %d\r\n" % number for number in range(100)))
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.history_length > 70)
        await pilot.press("shift+pageup")
        assert view.look.scrolled == 22
        await wait_until(lambda: "↑ 22 lines" in head(app))
        top = view.render_line(0).text
        session.print(b"more\r\n" * 3)
        await wait_until(lambda: view.look.scrolled == 25)
        assert view.render_line(0).text == top, "what one reads stays where it is"
        await pilot.press("a")
        assert view.look.scrolled == 0
        assert session.written == b"a"


async def test_selected_text_is_copied(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell(size=(80, 24)) as (app, pilot, session):
        session.print(b"\rhello world\r\nsecond line")
        await wait_until(lambda: "second line" in screen_text(app))
        await pilot.mouse_down(TerminalView, offset=(6, 0))
        await pilot.hover(TerminalView, offset=(5, 1))
        await pilot.mouse_up(TerminalView, offset=(5, 1))
        await wait_until(lambda: app.clipboard == "world\nsecond")
        assert session.written == b""


async def test_a_program_may_set_the_clipboard_once_that_was_allowed(
    in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(size=(110, 24)) as (app, pilot, session):
        session.print(b"\x1b]52;c;b25l\x07")
        await wait_until(lambda: "wants to set the clipboard: ctrl-] y allows" in head(app))
        assert app.clipboard == ""
        await pilot.press(PREFIX, "y")
        await wait_until(lambda: app.clipboard == "one")
        session.print(b"\x1b]52;c;dHdv\x07")
        await wait_until(lambda: app.clipboard == "two")
        assert "clipboard" not in head(app)
        assert session.written == b""


async def test_what_is_only_replayed_sets_no_clipboard(
    engine: Any, one_container: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.add_session(one_container, ["vi"])
    engine.replay = [Output(data=b"\x1b]52;c;b2xk\x07old", replay=True), CaughtUp()]
    app = make_app(clipboard="allow")
    async with app.run_test() as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 1)
        await pilot.press("a")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: app.terminals.screen.pane and screen_text(app) == "old")
        assert app.clipboard == ""
        (attached,) = engine.attachments.values()
        attached.print(b"\x1b]52;c;bmV3\x07")
        await wait_until(lambda: app.clipboard == "new")


async def test_a_program_that_may_not_set_the_clipboard_is_not_asked_about(
    in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(clipboard="deny") as (app, _pilot, session):
        session.print(b"\x1b]52;c;b25l\x07\r\nafter")
        await wait_until(lambda: screen_text(app).endswith("after"))
        assert app.clipboard == ""
        assert "clipboard" not in head(app)


async def test_the_focus_is_told_where_the_keys_go(
    engine: Any, in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, one):
        one.print(b"\x1b[?1004h")
        await wait_until(lambda: active_view(app).terminal.modes.focus_events)
        await pilot.press(PREFIX, "w")
        await wait_until(lambda: one.written == b"\x1b[O")
        await pilot.press("t")
        await wait_until(lambda: one.written == b"\x1b[O\x1b[I")
        await pilot.press(PREFIX, "percent_sign")
        await wait_until(lambda: one.written == b"\x1b[O\x1b[I\x1b[O")
        await wait_until(lambda: len(engine.attachments) == 2)
        await pilot.press(PREFIX, "z", PREFIX, "left")
        await wait_until(lambda: one.written == b"\x1b[O\x1b[I\x1b[O\x1b[I")
