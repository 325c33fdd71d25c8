"""Exit codes of strangers' sessions where the kernel does not tell them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.sessions import exit_codes
from runtime.sessions.exit_codes import ExitFile


@pytest.fixture
def file(tmp_path: Path) -> Iterator[ExitFile]:
    with contextlib.closing(ExitFile(tmp_path / "container")) as made:
        yield made


def note(folder: Path, text: str) -> None:
    """Write the file as conmon does: under another name, then renamed."""
    (folder / "new").write_text(text)
    (folder / "new").rename(folder / "container")


async def test_one_that_is_there_already(file: ExitFile, tmp_path: Path) -> None:
    note(tmp_path, "7")
    assert await file.wait() == 7


async def test_one_that_comes(file: ExitFile, tmp_path: Path) -> None:
    waiting = asyncio.create_task(file.wait())
    await asyncio.sleep(0)
    (tmp_path / "another").touch()
    await asyncio.sleep(0)
    note(tmp_path, "137\n")
    assert await waiting == 137


async def test_one_that_never_comes(
    file: ExitFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exit_codes, "_PATIENCE", 0.05)
    assert await file.wait() is None
    note(tmp_path, "garbage")
    assert await file.wait() is None
    os.unlink(tmp_path / "container")
    os.symlink("/proc/self/sessionid", tmp_path / "container")
    assert await file.wait() is None


async def test_the_folder_may_be_gone(
    file: ExitFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exit_codes, "_PATIENCE", 0.05)
    shutil.rmtree(tmp_path)
    assert await file.wait() is None


def test_there_may_be_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ExitFile(tmp_path / "no" / "container")
