"""podman's names, from made-up storages and databases."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.discovery.containers import ContainerFinder
from runtime.discovery.engine_processes import EngineProcesses, Monitor
from runtime.model import ContainerInfo
from tests.files.engines import (
    podman_bolt,
    podman_bundle,
    podman_config,
    podman_index,
    podman_sqlite,
)

Write = Callable[..., Path]
Only = Callable[[], ContainerInfo]

BOX = "a" * 64
IMAGE = "docker.io/library/busybox:latest"


@pytest.fixture
def storage(tmp_path: Path, runc: Write) -> Path:
    """A storage with one container, of which nothing but the bundle is there yet."""
    made = tmp_path / "storage"
    bundle = podman_bundle(made, BOX)
    runc(BOX, labels=["io.container.manager=libpod", f"bundle={bundle}"])
    return made


@pytest.fixture
def monitors(monkeypatch: pytest.MonkeyPatch) -> dict[str, Monitor]:
    """The conmons that run, by container."""
    running: dict[str, Monitor] = {}
    monkeypatch.setattr(EngineProcesses, "monitor", lambda self, name: running.get(name))
    return running


def test_without_any_file_the_id_is_the_name(
    storage: Path, only: Only, monitors: dict[str, Monitor]
) -> None:
    found = only()
    assert (found.engine, found.name, found.restarts) == ("podman", BOX, None)


def test_the_index_names_it_and_its_image(storage: Path, only: Only) -> None:
    podman_index(storage, ("b" * 64, "other", ""), (BOX, "web", IMAGE))
    found = only()
    assert (found.name, found.image) == ("web", IMAGE)


def test_the_monitor_names_it_where_no_file_does(
    storage: Path, only: Only, monitors: dict[str, Monitor]
) -> None:
    monitors[BOX] = Monitor(name="web", runtime="/opt/runc")
    assert (only().name, only().runtime_path) == ("web", "/opt/runc")
    monitors[BOX] = Monitor(name="old name", runtime="runc")
    podman_index(storage, (BOX, "new", ""))
    assert (only().name, only().runtime_path) == ("new", "")


def test_a_new_name(storage: Path, only: Only, monitors: dict[str, Monitor]) -> None:
    podman_index(storage, (BOX, "web", IMAGE))
    assert only().name == "web"
    podman_index(storage, (BOX, "shop", IMAGE))
    assert only().name == "shop"


@pytest.mark.parametrize("kind", ["bolt", "sqlite", "sqlite in libpod's folder"])
class TestDatabase:
    @pytest.fixture
    def write(self, storage: Path, kind: str) -> Write:
        """Writes the database with one container in a pod."""

        def write(**changes: object) -> Path:
            config = podman_config(BOX, "web", pod="b" * 64, **changes)
            pods = {"b" * 64: "front"}
            if kind == "bolt":
                return podman_bolt(storage, config, restarts=2, pods=pods)
            folder = storage / "libpod" if kind.endswith("folder") else storage
            (folder / "db.sql").unlink(missing_ok=True)
            return podman_sqlite(folder / "db.sql", config, restarts=2, pods=pods)

        return write

    def test_everything_is_there(self, write: Write, only: Only) -> None:
        write()
        found = only()
        assert (found.name, found.image, found.pod) == ("web", IMAGE, "front")
        assert found.labels == {"com.docker.compose.project": "shop"}
        assert (found.compose_project, found.restarts, found.sandbox) == ("shop", 2, False)

    def test_the_container_that_holds_a_pod(self, write: Write, only: Only) -> None:
        write(pause=True, labels=None)
        found = only()
        assert (found.sandbox, found.labels, found.compose_project) == (True, {}, "")

    def test_what_is_written_later_is_seen(self, storage: Path, write: Write, only: Only) -> None:
        assert only().pod == ""
        write()
        assert only().pod == "front"

    def test_what_is_written_shortly_after_the_start_is_seen(
        self, storage: Path, write: Write, only: Only
    ) -> None:
        podman_index(storage, (BOX, "web", ""))
        assert (only().name, only().pod) == ("web", "")
        write()
        assert (only().name, only().pod) == ("web", "front")

    @pytest.mark.parametrize("length", [0, 100, 4500, 9000])
    def test_a_database_that_is_cut_off_is_as_good_as_none(
        self, write: Write, storage: Path, only: Only, length: int
    ) -> None:
        podman_index(storage, (BOX, "web", ""))
        os.truncate(write(), length)
        assert only().name == "web"

    def test_a_database_of_something_else(self, write: Write, storage: Path, only: Only) -> None:
        podman_index(storage, (BOX, "web", ""))
        write().write_bytes(b"SQLite format 3\0" + bytes(9000))
        found = only()
        assert (found.name, found.labels) == ("web", {})

    def test_nonsense_in_it(self, write: Write, storage: Path, only: Only) -> None:
        podman_index(storage, (BOX, "web", ""))
        write(labels=[1, 2], pause="x")
        assert (only().name, only().labels) == ("web", {})


def test_a_made_up_database_cannot_keep_us_busy(storage: Path, only: Only) -> None:
    podman_index(storage, (BOX, "web", ""))
    database = podman_sqlite(storage / "db.sql", podman_config(BOX, "web"))
    with sqlite3.connect(database) as connection:
        connection.executescript(
            """
            DROP TABLE PodConfig;
            CREATE VIEW PodConfig AS WITH RECURSIVE n(ID) AS (
                SELECT 1 UNION ALL SELECT ID + 1 FROM n) SELECT ID, 'x' AS Name, '' AS JSON FROM n;
            """
        )
    connection.close()
    assert (only().name, only().labels) == ("web", {})


@pytest.mark.parametrize("text", ["", "[", "{}", '[{"names": 7}]', "[" * 100_000])
def test_a_broken_index_is_as_good_as_none(storage: Path, only: Only, text: str) -> None:
    podman_index(storage, (BOX, "web", "")).write_text(text)
    podman_bolt(storage, podman_config(BOX, "db"))
    assert only().name == "db"


def test_the_index_is_read_once_for_all(
    storage: Path, runc: Write, finder: ContainerFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "bcd":
        bundle = podman_bundle(storage, name * 64)
        runc(name * 64, labels=["io.container.manager=libpod", f"bundle={bundle}"])
    index = podman_index(storage, *((name * 64, name, "") for name in "abcd"))
    looks: list[Path] = []
    stat = Path.stat

    def count(path: Path, **options: bool) -> os.stat_result:
        if path == index:
            looks.append(path)
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", count)
    assert [each.name for each in finder.find()[0]] == ["a", "b", "c", "d"]
    assert len(looks) == 1
