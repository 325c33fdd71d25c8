"""Pastes: at once where the program can tell them from typing, else asked about."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.widgets import Static

from tests.pilot.conftest import InShell
from tests.pilot.looking import PREFIX, active_view


@pytest.fixture(autouse=True)
def one_container(engine: Any) -> Any:
    """All tests here have one running container."""
    return engine.add_container("web")


@pytest.mark.parametrize("answer", ["y", "n", "escape", "enter"])
async def test_lines_are_asked_about_where_each_would_be_run(
    in_shell: InShell, wait_until: Any, answer: str
) -> None:
    async with in_shell() as (app, pilot, session):
        app.post_message(events.Paste("rm -rf \x1b/tmp/x\nls\n"))
        await wait_until(lambda: app.screen.id == "confirm")
        question = str(app.screen.query_one(Static).render())
        assert "rm -rf ·/tmp/x" in question
        assert session.written == b""
        await pilot.press(answer)
        await wait_until(lambda: app.screen.id == "terminal-screen")
        await pilot.press("x")
        await wait_until(lambda: session.written.endswith(b"x"))
        expected = b"rm -rf \x1b/tmp/x\rls\rx" if answer == "y" else b"x"
        assert session.written == expected


@pytest.mark.parametrize("text", ["ls -l", "漢字\t"])
async def test_one_line_is_not_asked_about(in_shell: InShell, wait_until: Any, text: str) -> None:
    async with in_shell() as (app, _pilot, session):
        app.post_message(events.Paste(text))
        await wait_until(lambda: session.written == text.encode())


async def test_lines_are_not_asked_about_where_the_program_can_tell(
    in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell() as (app, _pilot, session):
        session.print(b"\x1b[?2004h")
        await wait_until(lambda: active_view(app).terminal.modes.bracketed_paste)
        app.post_message(events.Paste("one\ntwo"))
        await wait_until(lambda: session.written == b"\x1b[200~one\rtwo\x1b[201~")


async def test_a_line_end_alone_runs_something_too(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell() as (app, pilot, session):
        app.post_message(events.Paste("reboot\r"))
        await wait_until(lambda: app.screen.id == "confirm")
        await pilot.press("n")
        assert session.written == b""


async def test_what_was_copied_here_is_pasted_by_a_key(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell() as (app, pilot, session):
        app.copy_to_clipboard("words")
        await pilot.press(PREFIX, "right_square_bracket")
        await wait_until(lambda: session.written == b"words")


async def test_a_broadcast_asks_once_for_all_that_cannot_tell(
    engine: Any, in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(size=(120, 30)) as (app, pilot, one):
        for number in (2, 3):
            await pilot.press(PREFIX, "percent_sign")
            await wait_until(lambda number=number: len(engine.attachments) == number)
        two, three = list(engine.attachments.values())[1:]
        three.print(b"\x1b[?2004h")
        await wait_until(lambda: active_view(app).terminal.modes.bracketed_paste)
        await pilot.press(PREFIX, "M", PREFIX, "b")
        app.post_message(events.Paste("a\nb"))
        await wait_until(lambda: app.screen.id == "confirm")
        assert "2 programs" in str(app.screen.query_one(Static).render())
        await pilot.press("y")
        await wait_until(lambda: one.written == two.written == b"a\rb")
        assert three.written == b"\x1b[200~a\rb\x1b[201~"
