"""The worker's eye on the host: an overview every interval, and at once when something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.messages import OverviewTaken, WorkerMessage
from app.ports import EnginePort


class ToldOnce:
    """Passes on a failure that comes again every second only the first time."""

    def __init__(self, tell: Callable[[BaseException], None]) -> None:
        self._tell = tell
        self._told: dict[str, str] = {}

    def tell(self, source: str, error: BaseException) -> None:
        """Tell it unless the last failure of this source was the same."""
        problem = f"{type(error).__name__} {error}"
        if self._told.get(source) != problem:
            self._told[source] = problem
            self._tell(error)

    def clear(self, source: str) -> None:
        """That works again: its next failure is news."""
        self._told.pop(source, None)


class OverviewWatch:
    """Posts overviews for as long as it runs; a failure is told once, then tried again."""

    def __init__(
        self,
        engine: EnginePort,
        interval: float,
        asked: asyncio.Event,
        post: Callable[[WorkerMessage], None],
        once: ToldOnce,
    ) -> None:
        self._engine = engine
        self._interval = interval
        self._asked = asked
        self._post = post
        self._once = once

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._asked.clear()
            try:
                self._post(OverviewTaken(await self._engine.overview()))
                self._once.clear("overview")
            except Exception as error:  # noqa: BLE001 - an overview that failed is tried again
                self._once.tell("overview", error)
            await self._wait_news()

    async def _wait_news(self) -> None:
        """Until asked for, until the engine saw a change, at most the interval."""
        asked = asyncio.create_task(self._asked.wait())
        changed = asyncio.create_task(self._engine.wait_changed(self._interval))
        pause = asyncio.create_task(asyncio.sleep(self._interval))
        try:
            await asyncio.wait({asked, changed, pause}, return_when=asyncio.FIRST_COMPLETED)
            problem = changed.exception() if changed.done() else None
            if problem is not None:
                self._once.tell("watch", problem)
                await asyncio.wait({asked, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (asked, changed, pause):
                task.cancel()
            await asyncio.gather(asked, changed, pause, return_exceptions=True)
