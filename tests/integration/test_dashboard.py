"""The dashboard on the real engine: a shell in a real container, left, come back to, stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.attachment import Phase
from app.dashboard import ExecTop
from app.screens.terminal import TerminalScreen
from app.terminal_settings import TerminalSettings
from runtime.engine import Engine
from runtime.model import EngineSettings
from widgets.container_table import ContainerTable
from widgets.session_table import SessionTable
from widgets.terminal import TerminalView

pytestmark = pytest.mark.real


async def wait_until(condition: Callable[[], object], timeout: float = 20.0) -> None:
    """Wait until something holds; fail when it never does."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        await asyncio.sleep(0.02)


def screen_text(app: ExecTop) -> str:
    """What the terminal shows, empty while another screen is in front."""
    for view in app.screen.query(TerminalView):
        return "\n".join("".join(row).rstrip() for row in view.terminal.rows()).rstrip()
    return ""


def is_live(app: ExecTop) -> bool:
    """Whether a terminal is in front and shows what happens now."""
    return isinstance(app.screen, TerminalScreen) and app.screen.attachment.phase is Phase.LIVE


@pytest.fixture
def app(engine_settings: EngineSettings) -> ExecTop:
    """The dashboard in folders of its own."""
    return ExecTop(
        lambda: Engine(engine_settings),
        places=", ".join(engine_settings.roots),
        theme="exectop-dark",
        terminals=TerminalSettings(),
        refresh_interval=0.2,
        stop_timeout=1.0,
    )


async def test_a_shell_is_left_come_back_to_and_stopped(container: Any, app: ExecTop) -> None:
    async with app.run_test(size=(90, 30)) as pilot:
        await wait_until(lambda: app.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: "# " in screen_text(app) + " ")
        await pilot.press(*"stty size", "enter")
        await wait_until(lambda: "\n29 90\n" in screen_text(app))
        await pilot.resize_terminal(100, 40)
        await pilot.press(*"stty size", "enter")
        await wait_until(lambda: "\n39 100\n" in screen_text(app))

        before = screen_text(app)
        await pilot.press("ctrl+p", "ctrl+q")
        await wait_until(lambda: app.screen.id == "main")
        sessions = app.query_one(SessionTable)
        await wait_until(lambda: sessions.has_focus)
        assert [row.cells["state"].text for row in sessions.rows] == ["● running"]

        await pilot.press("a")
        await wait_until(lambda: is_live(app))
        assert screen_text(app) == before
        await pilot.press(*"echo ba", "tab", *"ck", "enter")
        await wait_until(lambda: "\nback\n" in screen_text(app))

        await pilot.press("ctrl+p", "ctrl+q")
        await wait_until(lambda: app.screen.id == "main")
        await wait_until(lambda: sessions.has_focus)
        await pilot.press("x")
        await wait_until(lambda: sessions.rows[0].cells["state"].text.startswith("◌"))
        await wait_until(lambda: sessions.rows[0].cells["state"].text == "■ exited")
        await pilot.press("ctrl+d", "y")
        await wait_until(lambda: not sessions.rows)


async def test_a_container_that_dies_while_attached(container: Any, app: ExecTop) -> None:
    async with app.run_test(size=(90, 30)) as pilot:
        await wait_until(lambda: app.query_one(ContainerTable).rows)
        await pilot.press("s")
        await wait_until(lambda: is_live(app))
        await asyncio.to_thread(container.delete)
        foot = app.screen.query_one("#pane-foot")
        await wait_until(lambda: foot.display)
        await pilot.pause(0.5)
        await pilot.press("enter")
        await wait_until(lambda: app.screen.id == "main")
        await wait_until(lambda: not app.query_one(ContainerTable).rows)


async def test_a_command_without_terminal(container: Any, app: ExecTop) -> None:
    async with app.run_test(size=(90, 30)) as pilot:
        await wait_until(lambda: app.query_one(ContainerTable).rows)
        await pilot.press("e", *"sh -c 'read a; echo got $a; cat; exit 3'")
        await pilot.press("tab", "tab", "tab", "tab", "space", "ctrl+s")
        await wait_until(lambda: is_live(app))
        await pilot.press(*"word", "enter")
        await wait_until(lambda: screen_text(app) == "word\ngot word")
        await pilot.press("ctrl+d")
        foot: Any = app.screen.query_one("#pane-foot")
        await wait_until(lambda: foot.display)
        assert "exited with code 3" in foot.text
        await pilot.pause(0.5)
        await pilot.press("enter", "ctrl+d", "y")
        await wait_until(lambda: not app.query_one(SessionTable).rows)
