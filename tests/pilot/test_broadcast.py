"""Typing into several terminals at once: only where it was asked for, and clearly flagged."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from textual import events

from tests.pilot.conftest import InShell
from tests.pilot.looking import DETACH, PREFIX, active_view, head, pane_head, toasts


@pytest.fixture
def in_three(engine: Any, in_shell: InShell, wait_until: Any) -> InShell:
    """`in_shell`, with three: two side by side, and one in a tab of its own, in front."""

    @contextlib.asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[tuple[Any, ...]]:
        engine.add_container("web")
        async with in_shell(size=(120, 31), **settings) as (app, pilot, _):
            for number, key in ((2, "percent_sign"), (3, "c")):
                await pilot.press(PREFIX, key)
                await wait_until(lambda number=number: len(engine.attachments) == number)
            yield app, pilot, list(engine.attachments.values())

    return opened


async def test_what_is_typed_goes_to_all_marked_and_to_no_other(
    in_three: InShell, wait_until: Any
) -> None:
    async with in_three() as (app, pilot, (one, two, other)):
        await pilot.press(PREFIX, "1", PREFIX, "M", PREFIX, "b")
        await wait_until(lambda: "typing into 2 terminals" in head(app))
        assert app.terminals.screen.bar.has_class("-broadcast")
        panes = app.terminals.screen.panes
        assert all("◆" in pane_head(panes[each]) for each in (1, 2))
        assert all("⇉" in pane_head(panes[each]) for each in (1, 2))
        await pilot.press("l", "s", "enter")
        await wait_until(lambda: one.written == two.written == b"ls\r")
        assert other.written == b""
        await pilot.press(PREFIX, "2", "x")
        await wait_until(lambda: other.written == b"x")
        assert "broadcast, but not from here" in head(app)
        assert not app.terminals.screen.bar.has_class("-broadcast")
        await pilot.press(PREFIX, "1", PREFIX, "b", "z")
        await wait_until(lambda: two.written == b"ls\rz")
        assert one.written == b"ls\r"
        assert "⇉" not in head(app)


async def test_each_program_gets_keys_and_pastes_as_its_own_modes_want_them(
    in_three: InShell, wait_until: Any
) -> None:
    async with in_three() as (app, pilot, (one, two, _)):
        two.print(b"\x1b[?1h\x1b[?2004h")
        await pilot.press(PREFIX, "1", PREFIX, "M", PREFIX, "b")
        await wait_until(lambda: active_view(app).terminal.modes.bracketed_paste)
        await pilot.press("up")
        await wait_until(lambda: (one.written, two.written) == (b"\x1b[A", b"\x1bOA"))
        app.post_message(events.Paste("word"))
        await wait_until(lambda: two.written.endswith(b"\x1b[200~word\x1b[201~"))
        await wait_until(lambda: one.written == b"\x1b[Aword")


async def test_the_detach_keys_leave_only_the_active_one(
    in_three: InShell, wait_until: Any
) -> None:
    async with in_three() as (app, pilot, (one, two, _)):
        await pilot.press(PREFIX, "1", PREFIX, "M", PREFIX, "b", *DETACH)
        await wait_until(lambda: two.closed)
        assert not one.closed
        assert one.written == two.written == b""
        await wait_until(lambda: "⇉" not in head(app))


async def test_one_marked_terminal_is_no_broadcast(in_three: InShell, wait_until: Any) -> None:
    async with in_three(notifications=True) as (app, pilot, _shells):
        await pilot.press(PREFIX, "m", PREFIX, "b")
        await wait_until(lambda: any("mark two terminals" in text for text in toasts(app)))
        assert "⇉" not in head(app)
