"""What a refresh does on the screen: nothing where nothing is different, and news at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from textual.widget import Widget

from app.dashboard import ExecTop
from tests.pilot.fake_engine import FakeEngine
from widgets.container_table import ContainerTable
from widgets.record_table import Row
from widgets.session_detail import SessionDetail
from widgets.session_table import SessionTable

MakeApp = Callable[..., ExecTop]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Widget]:
    """The widgets that were drawn again, one for each time."""
    found: list[Widget] = []
    refresh = Widget.refresh

    def noting(self: Widget, *regions: Any, **options: Any) -> Any:
        found.append(self)
        return refresh(self, *regions, **options)

    monkeypatch.setattr(Widget, "refresh", noting)
    return found


def rows_shown(app: ExecTop) -> list[Row]:
    """The rows of both tables."""
    tables = app.screen.query_one(ContainerTable), app.screen.query_one(SessionTable)
    return [row for table in tables for row in table.rows]


async def test_an_overview_without_news_changes_no_row_and_draws_nothing(
    furnished: FakeEngine, make_app: MakeApp, wait_until: Any, drawn: list[Widget]
) -> None:
    app = make_app()
    async with app.run_test(size=(150, 30)) as pilot:
        await wait_until(lambda: len(rows_shown(app)) == 10)
        await pilot.pause()
        rows = rows_shown(app)
        drawn.clear()
        looks = len(furnished.called("overview"))
        await wait_until(lambda: len(furnished.called("overview")) > looks + 3)
        await pilot.pause()
        assert all(now is before for now, before in zip(rows_shown(app), rows, strict=True))
        assert drawn == []


async def test_only_the_row_that_is_different_is_made_anew(
    furnished: FakeEngine, make_app: MakeApp, wait_until: Any
) -> None:
    app = make_app()
    async with app.run_test(size=(150, 30)):
        await wait_until(lambda: len(rows_shown(app)) == 10)
        before = rows_shown(app)
        changed = furnished.list_of_containers[1]
        furnished.list_of_containers[1] = msgspec.structs.replace(changed, image="postgres:17")
        await wait_until(lambda: any(row.cells.get("image") for row in rows_shown(app)))
        await wait_until(lambda: rows_shown(app)[0].cells["image"].text == "postgres:17")
        different = [
            now for now, old in zip(rows_shown(app), before, strict=True) if now is not old
        ]
        assert [row.key for row in different] == [changed.key]


async def test_a_length_of_time_that_grows_needs_no_new_layout(
    furnished: FakeEngine, make_app: MakeApp, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(refresh_interval=100_000.0)
    async with app.run_test(size=(150, 30)) as pilot:
        detail = app.screen.query_one(SessionDetail)
        await wait_until(lambda: detail.facts)
        await pilot.pause()
        size, asked = detail.size, []
        refresh = detail.refresh

        def noting(*regions: Any, **options: Any) -> Any:
            asked.append(options.get("layout", False))
            return refresh(*regions, **options)

        monkeypatch.setattr(detail, "refresh", noting)
        container = furnished.list_of_containers[0]
        detail.show_container(container, 0, (container.created or 0) + 3)
        await pilot.pause()
        assert ("age", "3s") in detail.facts
        assert asked == [False]
        assert detail.size == size


async def test_news_are_shown_without_waiting_for_the_next_refresh(
    furnished: FakeEngine, make_app: MakeApp, wait_until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    news: asyncio.Queue[None] = asyncio.Queue()
    loops: list[asyncio.AbstractEventLoop] = []

    async def wait_changed(timeout: float) -> None:
        loops.append(asyncio.get_running_loop())
        await news.get()

    monkeypatch.setattr(furnished, "wait_changed", wait_changed)
    app = make_app(refresh_interval=100_000.0)
    async with app.run_test(size=(150, 30)):
        await wait_until(lambda: len(rows_shown(app)) == 10 and loops)
        furnished.add_container("newcomer")
        loops[0].call_soon_threadsafe(news.put_nowait, None)
        await wait_until(lambda: len(rows_shown(app)) == 11)
