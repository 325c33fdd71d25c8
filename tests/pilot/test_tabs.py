"""Several terminals at once: tabs, splits, zoom, and what hidden ones tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.attachment import Phase
from app.dashboard import ExecTop
from app.screens.terminal import TerminalScreen
from runtime.model import CaughtUp, Ended, TerminalSize
from tests.pilot.conftest import InShell
from tests.pilot.looking import DETACH, PREFIX, active_view, head, pane_head, screen_text, toasts
from widgets.session_table import SessionTable
from widgets.tab_bar import TabBar

MakeApp = Callable[..., ExecTop]


@pytest.fixture(autouse=True)
def one_container(engine: Any) -> Any:
    """All tests here have one running container."""
    return engine.add_container("web")


@pytest.fixture
def one_more(engine: Any, wait_until: Any) -> Any:
    """A function that opens one more shell by a key after the prefix key."""

    async def opened(app: ExecTop, pilot: Any, key: str) -> Any:
        before = len(engine.attachments)
        await pilot.press(PREFIX, key)
        await wait_until(lambda: len(engine.attachments) > before)
        await wait_until(lambda: app.terminals.screen.attachment.phase is Phase.LIVE)
        return list(engine.attachments.values())[-1]

    return opened


def sizes(engine: Any) -> list[tuple[int, int]]:
    """The columns and rows of each terminal, as the sessions were told last."""
    told = {call[0]: call[1] for call in engine.called("exec_start_and_attach")}
    told.update(engine.called("exec_resize"))
    return [(size.columns, size.rows) for size in told.values()]


def shown(app: ExecTop) -> list[int]:
    """The numbers of the terminals in view."""
    return [pane.number for pane in app.terminals.screen.panes.values() if pane.region]


async def test_terminals_side_by_side_have_sizes_of_their_own(
    engine: Any, in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, _session):
        await one_more(app, pilot, "percent_sign")
        await one_more(app, pilot, "quotation_mark")
        await wait_until(lambda: sizes(engine) == [(50, 29), (50, 14), (50, 14)])
        assert shown(app) == [1, 2, 3]
        panes = app.terminals.screen.panes
        assert [" web" in pane_head(pane) for pane in panes.values()] == [True] * 3
        assert "50x14" in pane_head(panes[3])
        await pilot.press(PREFIX, "ctrl+left")
        await wait_until(lambda: sizes(engine) == [(46, 29), (54, 14), (54, 14)])
        await pilot.press(PREFIX, "equals_sign", PREFIX, "space")
        await wait_until(lambda: sizes(engine)[0] == (101, 14))


async def test_a_split_tells_each_session_its_size_once(
    engine: Any, in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, first):
        await one_more(app, pilot, "percent_sign")
        first_sizes = [size for _, size in engine.called("exec_start_and_attach")]
        half = TerminalSize(rows=29, columns=50)
        assert first_sizes == [TerminalSize(rows=30, columns=101), half]
        await wait_until(lambda: engine.called("exec_resize"))
        assert engine.called("exec_resize") == [(first.session_id, half)]


async def test_the_keys_go_where_one_goes(
    in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, left):
        right = await one_more(app, pilot, "percent_sign")
        await pilot.press("r", PREFIX, "left", "l", PREFIX, "o", "r")
        await wait_until(lambda: (left.written, right.written) == (b"l", b"rr"))
        await pilot.click(app.terminals.screen.panes[1].view)
        await pilot.press("c")
        await wait_until(lambda: left.written == b"lc")
        assert right.written == b"rr"


async def test_zoom_shows_one_alone_and_back(
    engine: Any, in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, _session):
        await one_more(app, pilot, "percent_sign")
        await pilot.press(PREFIX, "z")
        await wait_until(lambda: sizes(engine) == [(50, 29), (101, 30)])
        assert shown(app) == [2]
        assert "1 of 2, zoomed" in head(app)
        await pilot.press(PREFIX, "z")
        await wait_until(lambda: sizes(engine) == [(50, 29), (50, 29)])
        assert shown(app) == [1, 2]


async def test_a_hidden_tab_goes_on_and_shows_unread_output(
    in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(120, 30)) as (app, pilot, first):
        await one_more(app, pilot, "c")
        await wait_until(lambda: "1 web" in head(app) and "2 web" in head(app))
        assert "•" not in head(app)
        first.print(b"\r\nmeanwhile")
        await wait_until(lambda: "1 web shell •" in head(app))
        first.print(b"\x07")
        await wait_until(lambda: "1 web shell !•" in head(app))
        await pilot.press(PREFIX, "1")
        assert screen_text(app).endswith("meanwhile")
        assert "meanwhile" in active_view(app).render_line(1).text
        await wait_until(lambda: "•" not in head(app) and "!" not in head(app))


async def test_a_hidden_session_that_ended_is_told_of_and_stays_readable(
    in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(120, 30)) as (app, pilot, first):
        await one_more(app, pilot, "c")
        first.print(b"\r\nlast words")
        first.emit(Ended(exit_code=0))
        await wait_until(lambda: "1 web shell •■" in head(app))
        await pilot.press(PREFIX, "p")
        assert "last words" in screen_text(app)


async def test_tabs_are_gone_to_by_keys_and_by_the_mouse(
    in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(140, 30)) as (app, pilot, _session):
        await one_more(app, pilot, "c")
        await one_more(app, pilot, "c")
        workspace = app.terminals.screen.workspace
        for keys, number in ((["1"], 1), (["n"], 2), (["p", PREFIX, "p"], 3), (["2"], 2)):
            await pilot.press(PREFIX, *keys)
            assert workspace.active == number
            assert shown(app) == [number]
        await pilot.click(TabBar, offset=(head(app).index("3 web"), 0))
        await wait_until(lambda: shown(app) == [3])
        await pilot.press(PREFIX, "9")
        assert workspace.active == 3


async def test_leaving_one_of_several_leaves_the_others(
    in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, left):
        right = await one_more(app, pilot, "percent_sign")
        await pilot.press(*DETACH)
        await wait_until(lambda: right.closed and shown(app) == [1])
        assert isinstance(app.screen, TerminalScreen)
        await pilot.press("a")
        await wait_until(lambda: left.written == b"a")
        await pilot.press(PREFIX, "d")
        await wait_until(lambda: app.screen.id == "main")
        assert left.closed


async def test_the_lists_and_back_to_what_went_on_meanwhile(
    engine: Any, in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, session):
        await pilot.press(PREFIX, "w")
        await wait_until(lambda: app.screen.id == "main")
        assert not session.closed
        session.print(b"\x1b[2J\x1b[Hmeanwhile")
        await pilot.press("t")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        await wait_until(lambda: "meanwhile" in active_view(app).render_line(0).text)
        await pilot.press("a")
        await wait_until(lambda: session.written == b"a")


async def test_a_session_that_is_open_is_not_attached_to_twice(
    engine: Any, in_shell: InShell, one_more: Any, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, first):
        await one_more(app, pilot, "c")
        await pilot.press(PREFIX, "w")
        await wait_until(lambda: app.screen.id == "main")
        table = app.screen.query_one(SessionTable)
        await wait_until(lambda: len(table.rows) == 2)
        table.focus()
        table.select(first.session_id)
        await pilot.press("a")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        assert app.terminals.screen.attachment.session_id == first.session_id
        assert engine.called("attach") == []


async def test_a_session_of_the_list_comes_into_a_tab_beside_those_that_are_open(
    engine: Any, one_container: Any, in_shell: InShell, wait_until: Any
) -> None:
    session = engine.add_session(one_container, ["vi"])
    engine.replay = [CaughtUp()]
    async with in_shell(size=(101, 31)) as (app, pilot, _session):
        await pilot.press(PREFIX, "w")
        await wait_until(lambda: app.screen.id == "main")
        table = app.screen.query_one(SessionTable)
        table.focus()
        table.select(session.id)
        await pilot.press("a")
        await wait_until(lambda: "2 web" in head(app))
        await pilot.press(PREFIX, "plus")
        await wait_until(lambda: shown(app) == [1, 2])


async def test_the_prefix_key_teaches_and_an_unknown_key_does_nothing(
    in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(size=(101, 31), notifications=True) as (app, pilot, session):
        hint = app.screen.query_one("#key-hint")
        assert "ctrl-] commands" in head(app)
        await pilot.press(PREFIX)
        assert hint.display
        await pilot.press("Q")
        await wait_until(lambda: not hint.display)
        await wait_until(lambda: any("Q is no command" in text for text in toasts(app)))
        await pilot.press(PREFIX, "escape", PREFIX, PREFIX)
        await wait_until(lambda: session.written == b"\x1d")


async def test_another_prefix_key_and_none(
    make_app: MakeApp, open_shell: Any, wait_until: Any
) -> None:
    app = make_app(prefix_key="ctrl-b")
    async with app.run_test(size=(101, 31)) as pilot:
        session = await open_shell(app, pilot)
        assert "ctrl-b commands" in head(app)
        await pilot.press(PREFIX, "ctrl+b", "w")
        await wait_until(lambda: app.screen.id == "main")
        assert session.written == b"\x1d"
    app = make_app(prefix_key="")
    async with app.run_test(size=(101, 31)) as pilot:
        session = await open_shell(app, pilot)
        assert "commands" not in head(app)
        await pilot.press(PREFIX, "w")
        await wait_until(lambda: session.written == b"\x1dw")


async def test_the_help_from_a_terminal_and_back(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell(size=(101, 31)) as (app, pilot, _session):
        await pilot.press(PREFIX, "question_mark")
        await wait_until(lambda: app.screen.id == "help")
        await pilot.press("escape")
        await wait_until(lambda: isinstance(app.screen, TerminalScreen))
        assert app.focused is active_view(app)
