"""Watching folders that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.kernel.inotify import FolderWatch

_LIMIT = 10


class Watching:
    """A watch, and waiting for what it tells."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self.watch = FolderWatch(self._news.set)

    async def told(self) -> None:
        async with asyncio.timeout(_LIMIT):
            await self._news.wait()
        self._news.clear()

    async def quiet(self, file: Path) -> bool:
        """Whether nothing was told, up to what is done to a watched folder now."""
        told = self._news.is_set()
        file.touch()
        await self.told()
        return not told


@pytest.fixture
async def watching() -> AsyncIterator[Watching]:
    made = Watching()
    yield made
    made.watch.close()


async def test_what_appears_and_disappears_is_told(watching: Watching, tmp_path: Path) -> None:
    watching.watch.watch([tmp_path])
    for change in (
        (tmp_path / "one").mkdir,
        lambda: (tmp_path / "one").rename(tmp_path / "two"),
        (tmp_path / "two").rmdir,
    ):
        change()
        await watching.told()


async def test_a_folder_that_is_not_there_yet(watching: Watching, tmp_path: Path) -> None:
    folder = tmp_path / "run" / "runc"
    watching.watch.watch([folder])
    for made in (folder.parent, folder, folder / "box"):
        made.mkdir()
        await watching.told()
        watching.watch.watch([folder])


async def test_one_that_was_deleted_and_made_anew(watching: Watching, tmp_path: Path) -> None:
    folder = tmp_path / "box"
    folder.mkdir()
    watching.watch.watch([folder])
    folder.rmdir()
    await watching.told()
    folder.mkdir()
    watching.watch.watch([folder])
    (folder / "state.json").touch()
    await watching.told()


async def test_one_that_is_not_wanted_any_more(watching: Watching, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    watching.watch.watch([one, two])
    watching.watch.watch([two])
    (one / "file").touch()
    await asyncio.sleep(0)
    assert await watching.quiet(two / "file")


async def test_many_changes_at_once_are_told_once(tmp_path: Path) -> None:
    calls: list[int] = []
    news = asyncio.Event()

    def changed() -> None:
        calls.append(1)
        news.set()

    watch = FolderWatch(changed)
    watch.watch([tmp_path])
    for number in range(50):
        (tmp_path / str(number)).touch()
    async with asyncio.timeout(_LIMIT):
        await news.wait()
    watch.close()
    assert calls == [1]


async def test_a_file_is_no_folder(watching: Watching, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    watching.watch.watch([file / "below"])
    (tmp_path / "other").touch()
    await watching.told()
