"""Hearing of what is written into the files of a folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from runtime.kernel.inotify import WriteWatch

_LIMIT = 10


@pytest.fixture
def told() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def watched(tmp_path: Path, told: asyncio.Event) -> AsyncIterator[Path]:
    """A folder with a file, and somebody who is told of it."""
    (tmp_path / "log").write_text("old")
    watch = WriteWatch(tmp_path, told.set)
    yield tmp_path
    watch.close()


async def test_what_is_written_is_told(watched: Path, told: asyncio.Event) -> None:
    for _ in range(3):
        with (watched / "log").open("a") as log:
            log.write("new")
        await asyncio.wait_for(told.wait(), _LIMIT)
        told.clear()


async def test_a_file_that_takes_the_place_of_another_is_told(
    watched: Path, told: asyncio.Event, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fresh = tmp_path_factory.mktemp("elsewhere") / "fresh"
    fresh.write_text("")
    fresh.rename(watched / "log")
    await asyncio.wait_for(told.wait(), _LIMIT)


async def test_one_that_was_closed_tells_nothing_and_leaves_no_descriptor(
    tmp_path: Path, told: asyncio.Event, descriptors: Callable[[], int]
) -> None:
    before = descriptors()
    watch = WriteWatch(tmp_path, told.set)
    assert descriptors() > before
    watch.close()
    assert descriptors() == before


async def test_a_folder_that_is_gone_is_an_error_that_leaves_nothing(
    tmp_path: Path, told: asyncio.Event, descriptors: Callable[[], int]
) -> None:
    before = descriptors()
    with pytest.raises(OSError, match="No such file"):
        WriteWatch(tmp_path / "gone", told.set)
    assert descriptors() == before
