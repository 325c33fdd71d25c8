"""Files below a folder of ours: whatever stands in their place is not followed."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.kernel.beneath import open_at, open_file, opened_folder, read_file
from tests.unit.runtime.test_rootfs import make_device, make_fifo, make_folder, make_nothing

WRITE = os.O_WRONLY | os.O_CREAT | os.O_APPEND


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of ours with a folder in it, and somebody else's file outside."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_text("outside")
    (tmp_path / "ours/inner").mkdir(parents=True)
    (tmp_path / "ours/inner/file").write_text("inside")
    return tmp_path / "ours"


def test_a_file_is_read_up_to_the_bound(folder: Path) -> None:
    assert read_file(folder / "inner/file", 100) == b"inside"
    assert read_file(folder / "inner/file", 2, below=folder) == b"in"


def test_a_file_is_made_private(folder: Path) -> None:
    before = os.umask(0)
    try:
        os.close(open_file(folder / "new", WRITE))
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "new").stat().st_mode) == 0o600


@pytest.mark.parametrize("target", ["../../outside/file", "{outside}/file", "file"])
def test_a_link_in_the_place_of_a_file(folder: Path, target: str) -> None:
    outside = folder.parent / "outside"
    (folder / "inner/link").symlink_to(target.format(outside=outside))
    for flags in (os.O_RDONLY, os.O_RDWR, WRITE):
        with pytest.raises(FileNotFoundError):
            open_file(folder / "inner/link", flags)
    assert (outside / "file").read_text() == "outside"


def test_a_link_in_the_place_of_the_folder(folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent / "outside")
    with pytest.raises(FileNotFoundError):
        read_file(folder / "link/file", 100)
    with pytest.raises(FileNotFoundError):
        read_file(folder / "link/file", 100, below=folder)
    with pytest.raises(FileNotFoundError), opened_folder(folder / "link"):
        pytest.fail("it is no folder")


def test_a_link_on_the_way(folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent / "outside")
    (folder.parent / "outside/deep").mkdir()
    (folder.parent / "outside/deep/file").write_text("outside")
    path = folder / "link/deep/file"
    assert path.read_text() == "outside"
    with pytest.raises(FileNotFoundError):
        read_file(path, 100, below=folder)


def test_nothing_outside_is_named(folder: Path) -> None:
    with pytest.raises(ValueError, match="outside"):
        read_file(folder.parent / "outside/file", 100, below=folder)
    with pytest.raises(FileNotFoundError, match="leads out"):
        read_file(folder / "inner/../../outside/file", 100, below=folder)


@pytest.mark.parametrize("make", [make_fifo, make_folder, make_device, make_nothing])
@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR, os.O_WRONLY])
def test_only_regular_files_are_opened(
    folder: Path, make: Callable[[Path], None], flags: int, descriptors: Callable[[], int]
) -> None:
    make(folder / "it")
    before = descriptors()
    with pytest.raises(FileNotFoundError):  # and nobody waits for the FIFO's other end
        open_file(folder / "it", flags)
    assert descriptors() == before


def test_a_socket_is_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("it")
        with pytest.raises(FileNotFoundError):
            read_file(folder / "it", 100)


def test_other_errors_are_told_as_they_are(folder: Path, unprivileged: Path) -> None:
    (unprivileged / "file").touch(mode=0o000)
    with pytest.raises(PermissionError):
        read_file(unprivileged / "file", 100)


def test_an_open_folder_stays_the_same_folder(folder: Path) -> None:
    with opened_folder(folder / "inner") as descriptor:
        (folder / "inner").rename(folder / "moved")
        (folder / "inner").symlink_to(folder.parent / "outside")
        with os.fdopen(open_at(descriptor, "file", os.O_RDONLY)) as file:
            assert file.read() == "inside"
