"""Reading a bbolt database that is written to meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runtime.discovery.bolt_file import look_up
from runtime.protocol.bolt import Bolt, DamagedBoltError
from tests.files.bolt import BoltWriter


def write(path: Path, name: str, transaction: int) -> None:
    path.write_bytes(BoltWriter().write({"b": {"name": name}}, transaction))


def name(bolt: Bolt) -> str:
    bucket = bolt.bucket("b")
    assert bucket is not None
    return bucket.values()["name"]


def test_what_is_there(tmp_path: Path) -> None:
    write(tmp_path / "db", "web", 7)
    assert look_up(tmp_path / "db", name) == "web"


def test_a_look_that_a_transaction_ended_in_is_done_again(tmp_path: Path) -> None:
    path = tmp_path / "db"
    write(path, "old", 7)
    looks: list[str] = []

    def read(bolt: Bolt) -> str:
        looks.append(name(bolt))
        if len(looks) == 1:
            write(path, "new", 8)
        return looks[-1]

    assert look_up(path, read) == "new"
    assert looks == ["old", "new"]


def test_one_that_is_damaged_for_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "db"
    write(path, "web", 7)
    tries: list[int] = []

    def read(bolt: Bolt) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise DamagedBoltError("half written")
        return name(bolt)

    assert look_up(path, read) == "web"


def test_one_that_never_rests_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "db"
    write(path, "web", 1)
    looks: list[int] = []

    def read(bolt: Bolt) -> str:
        looks.append(bolt.transaction)
        write(path, "web", bolt.transaction + 1)
        return name(bolt)

    assert look_up(path, read) is None
    assert len(looks) == 3


@pytest.mark.parametrize("kind", ["nothing", "a folder", "a FIFO", "other bytes", "an empty file"])
def test_what_is_no_database(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "db"
    if kind == "a folder":
        path.mkdir()
    elif kind == "a FIFO":
        os.mkfifo(path)
    elif kind != "nothing":
        path.write_bytes(b"x" * 9000 if kind == "other bytes" else b"")
    assert look_up(path, name) is None
