"""How the terminal is drawn: the cursor's blinking, colours under NO_COLOR and other themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rich.color import Color, ColorType
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from app.dashboard import ExecTop
from app.screens import pane as pane_module
from runtime.model import Ended
from tests.pilot.conftest import InShell
from tests.pilot.looking import PREFIX, active_view, screen_text
from widgets import terminal_cursor
from widgets.terminal import TerminalView

MakeApp = Callable[..., ExecTop]


@pytest.fixture(autouse=True)
def one_container(engine: Any) -> Any:
    """All tests here have one running container."""
    return engine.add_container("web")


def style_at(view: TerminalView, y: int, x: int) -> Style:
    """The style of one cell, as it goes to the terminal around us."""
    (strip,) = view.render_lines(view.size.region.crop_size((view.size.width, 1)).translate((0, y)))
    cell = strip.crop(x, x + 1)
    return next(segment.style or Style() for segment in cell)


async def test_the_cursor_blinks_only_where_the_program_wants_it(
    in_shell: InShell, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_cursor, "HALF_PERIOD", 0.05)
    async with in_shell() as (app, pilot, session):
        view = active_view(app)
        session.print(b"\x1b[5 q")
        await wait_until(lambda: view.terminal.cursor.shape == "bar")
        for on in (False, True, False):
            await wait_until(lambda on=on: view.cursor_on is on)
        session.print(b"\x1b[2 q\r\nsteady")
        await wait_until(lambda: screen_text(app).endswith("steady"))
        assert view.cursor_on
        await pilot.pause(0.2)
        assert view.cursor_on
        session.emit(Ended(exit_code=0))
        await wait_until(lambda: not view.cursor_on)


async def test_no_color_leaves_the_programs_own_colours_alone(
    in_shell: InShell, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with in_shell() as (app, _pilot, session):
        session.print(b"\r\x1b[31mred\x1b[m plain \x1b[48;2;1;2;3mtrue\x1b[m\r\nend")
        await wait_until(lambda: screen_text(app).endswith("end"))
        view = active_view(app)
        assert style_at(view, 0, 1).color == Color.from_ansi(1)
        assert style_at(view, 0, 11).bgcolor == Color.from_rgb(1, 2, 3)
        plain = style_at(view, 0, 5)
        assert plain.color is not None and plain.color.type is ColorType.DEFAULT
        bar = app.terminals.screen.bar
        for strip in bar.render_lines(bar.size.region):
            for segment in strip:
                style = segment.style or Style()
                for color in (style.color, style.bgcolor):
                    assert color is None or color.type is ColorType.DEFAULT, segment


async def test_another_theme_repaints_the_terminals_that_are_open(
    in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell() as (app, _pilot, session):
        session.print(b"\rplain")
        await wait_until(lambda: screen_text(app).startswith("plain"))
        view = active_view(app)
        before = style_at(view, 0, 1).bgcolor
        app.theme = "exectop-light"
        await wait_until(lambda: style_at(view, 0, 1).bgcolor != before)
        session.print(b"\x1b]11;?\x07")
        await wait_until(lambda: b"]11;rgb:f" in session.written)


async def test_the_bell_rings_once_while_it_flashes(
    make_app: MakeApp, open_shell: Any, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pane_module, "FLASH", 3600)
    app, rings = make_app(), list[None]()
    monkeypatch.setattr(app, "bell", lambda: rings.append(None))
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        pane = app.terminals.screen.pane
        assert pane is not None
        for number in (1, 2, 3):
            session.print(b"\x07")
            await wait_until(lambda number=number: pane.attachment.bells == number)
        await wait_until(lambda: pane.flashing)
        assert len(rings) == 1


async def test_the_flash_of_the_bell_ends(
    make_app: MakeApp, open_shell: Any, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, rings = make_app(), list[None]()
    monkeypatch.setattr(app, "bell", lambda: rings.append(None))
    async with app.run_test() as pilot:
        session = await open_shell(app, pilot)
        pane = app.terminals.screen.pane
        assert pane is not None
        for number in (1, 2):
            session.print(b"\x07")
            await wait_until(lambda number=number: len(rings) == number)
            await wait_until(lambda: not pane.flashing)


async def test_the_title_is_in_the_tab(in_shell: InShell, wait_until: Any) -> None:
    async with in_shell(size=(100, 24)) as (app, _pilot, session):
        session.print(b"\x1b]2;vim \xe2\x80\x94 notes.md\x1b[31m\x07")
        await wait_until(lambda: "vim — notes.md" in app.terminals.screen.bar.text)


async def test_the_debug_pane_counts_what_the_terminal_did_not_know(
    in_shell: InShell, wait_until: Any
) -> None:
    async with in_shell(size=(100, 30)) as (app, pilot, session):
        session.print(b"\x1b[?7777h\r\nend")
        await wait_until(lambda: screen_text(app).endswith("end"))
        await pilot.press(PREFIX, "i")
        await wait_until(lambda: app.screen.id == "report")
        await pilot.press("c")
        await wait_until(lambda: "1 x CSI ? 7777 h" in app.clipboard)
        session.print(b"\x1b[?7777h")
        shown = app.screen.query_one(Static)
        await wait_until(lambda: "2x" in "".join(str(strip.text) for strip in lines_of(shown)))
        await pilot.press("escape")
        await wait_until(lambda: app.screen.id == "terminal-screen")


def lines_of(widget: Widget) -> list[Strip]:
    """What the widget shows."""
    return widget.render_lines(widget.size.region)
