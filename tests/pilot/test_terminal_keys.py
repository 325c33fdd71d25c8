"""What is typed at a terminal arrives, or leaves it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from textual import events

from app.dashboard import ExecTop
from app.screens import terminal_input
from app.screens.terminal import TerminalScreen
from tests.pilot.conftest import InShell
from tests.pilot.looking import DETACH, head
from widgets.container_table import ContainerTable
from widgets.session_table import SessionTable
from widgets.terminal import TerminalView

MakeApp = Callable[..., ExecTop]


@pytest.fixture(autouse=True)
def one_container(engine: Any) -> Any:
    """All tests here have one running container."""
    return engine.add_container("web")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a", b"a"),
        ("enter", b"\r"),
        ("tab", b"\t"),
        ("shift+tab", b"\x1b[Z"),
        ("ctrl+c", b"\x03"),
        ("ctrl+q", b"\x11"),
        ("ctrl+d", b"\x04"),
        ("ctrl+r", b"\x12"),
        ("escape", b"\x1b"),
        ("f1", b"\x1bOP"),
        ("f5", b"\x1b[15~"),
        ("alt+b", b"\x1bb"),
        ("up", b"\x1b[A"),
        ("question_mark", b"?"),
        ("slash", b"/"),
        ("q", b"q"),
        ("colon", b":"),
        ("delete", b"\x1b[3~"),
        ("backspace", b"\x7f"),
    ],
)
async def test_every_key_reaches_the_program(
    in_shell: InShell, wait_until: Any, key: str, expected: bytes
) -> None:
    async with in_shell() as (app, pilot, session):
        await pilot.press(key)
        await wait_until(lambda: session.written)
        assert bytes(session.written) == expected
        assert isinstance(app.screen, TerminalScreen)


async def test_application_cursor_keys_follow_the_mode(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell() as (app, pilot, session):
        session.print(b"\x1b[?1h")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.application_cursor)
        await pilot.press("up")
        await wait_until(lambda: session.written == b"\x1bOA")


async def test_a_held_ctrl_p_is_shown_and_then_delivered(
    in_shell: InShell, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_input, "HOLD_BACK", 0.3)
    async with in_shell() as (app, pilot, session):
        await pilot.press("ctrl+p")
        await wait_until(lambda: "ctrl-p … ctrl-q detaches" in head(app))
        assert session.written == b""
        await wait_until(lambda: session.written == b"\x10")
        assert "ctrl-p …" not in head(app)
        await pilot.press("ctrl+p", "x")
        await wait_until(lambda: session.written == b"\x10\x10x")


async def test_detach_keys_leave_the_session_running(
    engine: Any, in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell() as (app, pilot, session):
        await pilot.press("l", "s", *DETACH)
        await wait_until(lambda: app.screen.id == "main")
        assert session.closed
        assert session.written == b"ls"
        table = app.screen.query_one(SessionTable)
        await wait_until(lambda: table.selected_key == session.session_id)
        assert app.focused is table
        assert engine.list_of_sessions[0].state.value == "running"


async def test_a_paste_lets_go_of_a_held_key_first(
    in_shell: InShell, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_input, "HOLD_BACK", 3600)
    async with in_shell() as (app, pilot, session):
        await pilot.press("ctrl+p")
        app.post_message(events.Paste("word"))
        await wait_until(lambda: session.written == b"\x10word")


async def test_what_is_typed_before_the_start_arrives(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.start_gate = asyncio.Event()
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: app.screen.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: engine.called("exec_start_and_attach"))
        assert "starting" in head(app)
        await pilot.press("l", "s", "enter")
        engine.let_start()
        await wait_until(lambda: engine.attachments)
        (session,) = engine.attachments.values()
        await wait_until(lambda: session.written == b"ls\r")


async def test_other_detach_keys_and_none(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell(detach_keys="") as (app, pilot, session):
        await pilot.press(*DETACH)
        await wait_until(lambda: session.written == b"\x10\x11")
        assert isinstance(app.screen, TerminalScreen)
        assert "detaches" not in head(app)


async def test_detach_keys_work_in_any_keyboard_mode(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell() as (app, pilot, session):
        session.print(b"\x1b[>4;2m")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.modify_other_keys == 2)
        await pilot.press(*DETACH)
        await wait_until(lambda: app.screen.id == "main")


async def test_a_paste_is_bracketed_and_no_detach_keys_are_seen_in_it(
    in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell() as (app, _pilot, session):
        session.print(b"\x1b[?2004h")
        view = app.screen.query_one(TerminalView)
        await wait_until(lambda: view.terminal.modes.bracketed_paste)
        app.post_message(events.Paste("one\ntwo\x10\x11"))
        await wait_until(lambda: session.written.endswith(b"\x1b[201~"))
        assert session.written.startswith(b"\x1b[200~one\rtwo")
        assert isinstance(app.screen, TerminalScreen)
