"""How often news wake somebody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from runtime.discovery import news
from runtime.discovery.news import HostNews
from runtime.kernel.proc_folder import ProcFolder

_FOREVER = 1000.0


@pytest.fixture
async def host_news(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HostNews]:
    """News of this host, a quarter of an hour apart in the long run."""
    monkeypatch.setattr(news, "_GAP", _FOREVER)
    with ProcFolder() as proc:
        made = HostNews(proc)
        yield made
        made.close()


async def woken(host_news: HostNews) -> None:
    """Let there be news, and wait for them."""
    host_news._news.set()
    await host_news.wait(_FOREVER)


async def test_the_first_news_are_told_at_once(host_news: HostNews) -> None:
    async with asyncio.timeout(30):
        for _ in range(3):
            await woken(host_news)


async def test_a_storm_of_news_is_told_of_together(host_news: HostNews) -> None:
    for _ in range(3):
        await woken(host_news)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await woken(host_news)
