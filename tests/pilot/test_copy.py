"""Copy mode, search, selections and links on the screen, to the clipboard."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.pilot.conftest import InShell
from tests.pilot.looking import PREFIX, active_view, head, screen_text
from widgets.terminal import TerminalView

LINES = b"\r" + b"".join(b"line %d of it\r\n" % number for number in range(60)) + b"the end"


@pytest.fixture
def in_printed(engine: Any, in_shell: InShell, wait_until: Any) -> InShell:
    """`in_shell`, with a shell that has printed sixty lines, or what it is given."""

    @contextlib.asynccontextmanager
    async def opened(data: bytes = LINES, **settings: Any) -> AsyncIterator[tuple[Any, ...]]:
        engine.add_container("web")
        async with in_shell(size=(100, 24), **settings) as (app, pilot, session):
            session.print(data)
            await wait_until(lambda: screen_text(app).endswith(data[-7:].decode()))
            yield app, pilot, session

    return opened


def marked(view: TerminalView, y: int, style: str) -> str:
    """The text of a row that has the background of that component style."""
    wanted = view.get_component_rich_style(style).bgcolor
    strip = view.render_line(y)
    return "".join(each.text for each in strip if each.style and each.style.bgcolor == wanted)


async def test_copying_by_keys(in_printed: InShell, wait_until: Any) -> None:
    async with in_printed(notifications=True) as (app, pilot, session):
        await pilot.press(PREFIX, "left_square_bracket")
        await wait_until(lambda: " copy " in head(app))
        await pilot.press("k", "V", "k")
        view = active_view(app)
        assert marked(view, 20, "terminal--selection").startswith("line 58")
        await pilot.press("y")
        await wait_until(lambda: app.clipboard == "line 58 of it\nline 59 of it")
        await wait_until(lambda: " copy " not in head(app))
        await pilot.press("x")
        await wait_until(lambda: session.written == b"x")


async def test_nothing_typed_in_copy_mode_reaches_the_program(
    in_printed: InShell, wait_until: Any
) -> None:
    async with in_printed() as (app, pilot, session):
        await pilot.press(PREFIX, "pageup", "j", "k", "x", "ctrl+c", "escape")
        await wait_until(lambda: active_view(app).copy is None)
        await pilot.press("z")
        await wait_until(lambda: session.written)
        assert session.written == b"z"


async def test_what_is_printed_meanwhile_moves_nothing(
    in_printed: InShell, wait_until: Any
) -> None:
    async with in_printed() as (app, pilot, session):
        await pilot.press(PREFIX, "left_square_bracket")
        view = active_view(app)
        before = [view.render_line(y).text for y in range(23)]
        session.print(b"\x1b[Hnew" + b"\x1b[99Hnew\r\n" * 50 + b"\r\nnewest")
        await wait_until(lambda: screen_text(app).endswith("newest"))
        assert [view.render_line(y).text for y in range(23)] == before
        await pilot.press("q")
        await wait_until(lambda: "newest" in "".join(view.render_line(y).text for y in range(23)))


async def test_search_marks_all_hits_and_goes_from_one_to_the_next(
    in_printed: InShell, wait_until: Any
) -> None:
    async with in_printed() as (app, pilot, session):
        await pilot.press(PREFIX, "slash", *"LINE 1")
        prompt = app.terminals.screen.prompt
        assert (prompt.display, "LINE 1" in prompt.text) == (True, True)
        assert "not found" in head(app), "capitals count where there are any"
        await pilot.press("ctrl+u", *"line 1")
        await wait_until(lambda: "11 of 11" in head(app))
        await pilot.press("enter", "n")
        await wait_until(lambda: "10 of 11" in head(app))
        assert not prompt.display
        view = active_view(app)
        texts = [view.render_line(y).text.rstrip() for y in range(23)]
        here = texts.index("line 18 of it")
        assert marked(view, here, "terminal--hit-here") == "line 1"
        assert marked(view, here + 1, "terminal--hit") == "line 1"
        await pilot.press("q")
        assert session.written == b""


async def test_a_paste_goes_into_the_pattern(in_printed: InShell, wait_until: Any) -> None:
    async with in_printed() as (app, pilot, session):
        app.copy_to_clipboard("line 42\nrest")
        await pilot.press(PREFIX, "slash", PREFIX, "right_square_bracket")
        await wait_until(lambda: "1 of 1 " in head(app))
        assert session.written == b""


async def test_a_rectangle_by_the_mouse(in_printed: InShell, wait_until: Any) -> None:
    async with in_printed(b"\rab12ef\r\ngh34kl\r\nthe end") as (app, pilot, _session):
        view = active_view(app)
        await pilot.mouse_down(view, offset=(2, 0), meta=True)
        await pilot.hover(view, offset=(3, 1))
        await pilot.mouse_up(view, offset=(3, 1))
        await wait_until(lambda: app.clipboard == "12\n34")


async def test_a_word_and_a_line_by_clicks(in_printed: InShell, wait_until: Any) -> None:
    async with in_printed(b"\rone two three\r\nthe end") as (app, pilot, _session):
        view = active_view(app)
        await pilot.click(view, offset=(5, 0), times=2)
        await wait_until(lambda: app.clipboard == "two")
        await pilot.click(view, offset=(5, 0), times=3)
        await wait_until(lambda: app.clipboard == "one two three")


async def test_a_link_is_copied_or_opened(
    in_printed: InShell, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"\rsee https://example.org/x now\r\nthe end"
    async with in_printed(data) as (app, pilot, session):
        await pilot.click(active_view(app), offset=(8, 0))
        await pilot.click(active_view(app), offset=(1, 0), control=True)
        await pilot.click(active_view(app), offset=(8, 0), control=True)
        await wait_until(lambda: app.clipboard == "https://example.org/x")
        assert session.written == b""
    monkeypatch.setenv("DISPLAY", ":9")
    opened: list[str] = []
    async with in_printed(data, links="open") as (app, pilot, _session):
        monkeypatch.setattr(app, "open_url", opened.append)
        await pilot.click(active_view(app), offset=(8, 0), control=True)
        await wait_until(lambda: opened == ["https://example.org/x"])
        assert app.clipboard == ""


async def test_shift_takes_the_mouse_from_a_program(in_printed: InShell, wait_until: Any) -> None:
    async with in_printed(b"\x1b[?1002h\x1b[?1006h\rhello\r\nthe end") as (app, pilot, session):
        view = active_view(app)
        await pilot.mouse_down(view, offset=(0, 0), shift=True)
        await pilot.hover(view, offset=(4, 0))
        await pilot.mouse_up(view, offset=(4, 0), shift=True)
        await wait_until(lambda: app.clipboard == "hello")
        assert session.written == b""


async def test_a_new_size_ends_copy_mode(in_printed: InShell, wait_until: Any) -> None:
    async with in_printed() as (app, pilot, _session):
        await pilot.press(PREFIX, "left_square_bracket")
        await pilot.resize_terminal(60, 20)
        await wait_until(lambda: active_view(app).copy is None)
        await wait_until(lambda: " copy " not in head(app))
