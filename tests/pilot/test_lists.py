"""The main screen: tables fill, follow what happens, and keep what is selected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.widgets import Input

from app.dashboard import ExecTop
from runtime.model import ContainerState, ExecState
from widgets.container_table import ContainerTable
from widgets.empty_state import EmptyState
from widgets.record_table import RecordTable
from widgets.session_detail import SessionDetail
from widgets.session_table import SessionTable
from widgets.status_line import StatusLine

MakeApp = Callable[..., ExecTop]


def texts(table: RecordTable, column: str) -> list[str]:
    """The texts of one column, from the top."""
    return [row.cells[column].text for row in table.rows]


async def test_tables_fill(furnished: Any, make_app: MakeApp, wait_until: Any) -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)):
        containers = app.screen.query_one(ContainerTable)
        sessions = app.screen.query_one(SessionTable)
        await wait_until(lambda: len(containers.rows) == 5)
        assert texts(containers, "name") == [
            "postgres",
            "web-frontend",
            "batch-import",
            "warming-up",
            "migrations",
        ]
        assert texts(containers, "state") == [
            "● running",
            "● running",
            "‖ paused",
            "○ created",
            "■ stopped",
        ]
        assert texts(containers, "sessions") == ["1", "3", "·", "·", "·"]
        assert texts(sessions, "exit") == ["", "3", "", "", ""]
        assert texts(sessions, "state")[-1] == "! orphaned"
        assert texts(sessions, "command")[2] == "sh -c 'tail -F /var/log/app.log'"
        headline = app.screen.query_one("#headline", StatusLine)
        assert "2 running" in headline.text
        assert "4 sessions running" in headline.text


async def test_what_changes_is_drawn_and_nothing_else(
    furnished: Any, make_app: MakeApp, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)):
        sessions = app.screen.query_one(SessionTable)
        await wait_until(lambda: len(sessions.rows) == 5)
        before = len(furnished.called("overview"))
        await wait_until(lambda: len(furnished.called("overview")) > before + 2)
        assert sessions.cells_drawn_again == 0
        furnished.change_session(
            sessions.rows[0].key, state=ExecState.STOPPED, exit_code=2, pid=0, attached=0
        )
        await wait_until(lambda: texts(sessions, "exit")[0] == "2")
        changed = {"id", "container", "state", "pid", "user", "command", "attached", "exit"}
        assert 0 < sessions.cells_drawn_again <= len(changed)


async def test_selection_and_scroll_position_survive(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    containers = [engine.add_container(f"c{number:03}") for number in range(60)]
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        table = app.screen.query_one(ContainerTable)
        await wait_until(lambda: len(table.rows) == 60)
        await pilot.press("G", *["k"] * 20)
        await pilot.pause()
        assert table.selected_key == containers[39].key
        line = table.cursor - table.scroll_offset.y
        for number in range(5):
            engine.add_container(f"a{number}")
        engine.list_of_containers.remove(containers[50])
        await wait_until(lambda: len(table.rows) == 64)
        await wait_until(lambda: table.cursor - table.scroll_offset.y == line)
        assert table.selected_key == containers[39].key
        assert table.cursor == 44


async def test_the_row_after_a_vanished_one_is_selected(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    containers = [engine.add_container(f"c{number}") for number in range(4)]
    app = make_app()
    async with app.run_test() as pilot:
        table = app.screen.query_one(ContainerTable)
        await wait_until(lambda: len(table.rows) == 4)
        await pilot.press("j")
        engine.list_of_containers.remove(containers[1])
        await wait_until(lambda: len(table.rows) == 3)
        assert table.selected_key == containers[2].key


async def test_keys_move_between_rows_and_tables(
    furnished: Any, make_app: MakeApp, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        containers = app.screen.query_one(ContainerTable)
        sessions = app.screen.query_one(SessionTable)
        await wait_until(lambda: len(sessions.rows) == 5)
        await pilot.press("j", "down", "k")
        assert containers.cursor == 1
        await pilot.press("tab", "G")
        assert sessions.has_focus
        assert sessions.cursor == 4
        await pilot.press("g")
        assert sessions.cursor == 0
        await pilot.press("shift+tab")
        assert containers.has_focus


async def test_an_empty_host_teaches(engine: Any, make_app: MakeApp, wait_until: Any) -> None:
    engine.problems = ["/run/crun cannot be read"]
    app = make_app()
    async with app.run_test():
        empty = app.screen.query_one("#no-containers", EmptyState)
        await wait_until(lambda: "no container found" in str(empty.render()))
        words = str(empty.render())
        assert "/run/runc, /run/crun" in words
        assert "exectop demo" in words
        assert "/run/crun cannot be read" in words
        engine.add_container("first")
        await wait_until(lambda: app.screen.query_one(ContainerTable).display)
        assert not empty.display
        assert isinstance(app.focused, ContainerTable)


async def test_filter_narrows_both_tables(
    furnished: Any, make_app: MakeApp, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        containers = app.screen.query_one(ContainerTable)
        sessions = app.screen.query_one(SessionTable)
        await wait_until(lambda: len(sessions.rows) == 5)
        await pilot.press("slash", *"postg", "enter")
        assert texts(containers, "name") == ["postgres"]
        assert set(texts(sessions, "container")) == {"postgres"}
        assert app.focused is containers
        await pilot.press("slash", *"zz")
        assert not containers.display
        assert "esc shows all" in str(app.screen.query_one("#no-containers").render())
        await pilot.press("escape")
        assert len(containers.rows) == 5
        assert app.screen.query_one("#filter", Input).display is False


async def test_a_wide_window_shows_details(
    furnished: Any, make_app: MakeApp, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(size=(150, 40)) as pilot:
        sessions = app.screen.query_one(SessionTable)
        await wait_until(lambda: len(sessions.rows) == 5)
        panel = app.screen.query_one("#detail-panel")
        assert panel.display
        assert panel.border_title == "container"
        await pilot.press("tab")
        await wait_until(lambda: panel.border_title == "session")
        facts = dict(app.screen.query_one(SessionDetail).facts)
        assert facts["command"] == "/bin/bash"
        assert facts["viewers"] == "1"
        await pilot.resize_terminal(80, 24)
        await wait_until(lambda: not panel.display)


async def test_keys_without_anything_to_act_on_do_nothing(
    engine: Any, make_app: MakeApp, wait_until: Any
) -> None:
    engine.add_container("only", state=ContainerState.RUNNING)
    app = make_app()
    async with app.run_test() as pilot:
        await wait_until(lambda: len(app.screen.query_one(ContainerTable).rows) == 1)
        await pilot.press("x", "ctrl+d", "c", "a")
        assert len(app.screen_stack) == 1
        assert [call[0] for call in engine.calls if call[0] != "overview"] == []


@pytest.mark.parametrize("theme", ["exectop-light", "exectop-contrast", "nord", "ansi-dark"])
async def test_every_kind_of_theme_draws(
    furnished: Any, make_app: MakeApp, wait_until: Any, theme: str
) -> None:
    app = make_app(theme=theme)
    async with app.run_test() as pilot:
        await wait_until(lambda: len(app.screen.query_one(SessionTable).rows) == 5)
        assert app.current_theme.name == theme
        await pilot.press("enter")
        await wait_until(lambda: app.screen.id == "terminal-screen")
        await wait_until(lambda: furnished.attachments)
        await pilot.pause()
        assert "postgres" in app.export_screenshot()


async def test_states_are_told_apart_without_colour(
    furnished: Any, make_app: MakeApp, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app()
    async with app.run_test():
        table = app.screen.query_one(ContainerTable)
        await wait_until(lambda: len(table.rows) == 5)
        symbols = {text.split()[0] for text in texts(table, "state")}
        assert len(symbols) == 4
        await wait_until(lambda: table.size.width)
        style = next(iter(table.render_line(1))).style
        assert style is not None and style.reverse
