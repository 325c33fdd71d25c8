"""podman's records of execs, beside what runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery.podman_records import PodmanRecords
from runtime.discovery.stuck import Unreported
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, ContainerState
from tests.conftest import skip_or_fail
from tests.files.engines import podman_bolt, podman_config, podman_sqlite
from tests.unit.runtime.made_up_proc import MadeUpProc

BOX, SESSION = "b" * 64, "5" * 64
PID = 1004
CLEAN_UP = ["/usr/bin/podman", "container", "cleanup", "--exec", SESSION, BOX]

Find = Callable[..., list[Unreported]]


def record(**changes: Any) -> dict[str, Any]:
    config = {"command": ["sleep", "9"], "terminal": True, "user": "me", "exitCommand": CLEAN_UP}
    return {SESSION: {"id": SESSION, "state": 2, "pid": PID, "config": config, **changes}}


class Scene:
    """One container of podman's, and one session that podman has for running."""

    def __init__(self, folder: Path) -> None:
        self.proc = MadeUpProc(folder / "proc")
        self.storage = folder / "storage"
        self.userdata = self.storage / "overlay-containers" / BOX / "userdata"
        self.bundle = self.userdata / SESSION
        self.bundle.mkdir(parents=True)
        (self.bundle / "exec_pid").write_text(str(PID))
        self.write()

    def write(self, **changes: Any) -> None:
        """podman's database."""
        podman_bolt(self.storage, podman_config(BOX, "web"), execs=record(**changes))

    def container(self, **changes: Any) -> ContainerInfo:
        known: dict[str, Any] = {
            "id": BOX,
            "name": "web",
            "root": "/r",
            "runtime": "runc",
            "state": ContainerState.RUNNING,
            "bundle": str(self.userdata),
            "engine": "podman",
            "owner": os.geteuid(),
        }
        return ContainerInfo(**{**known, **changes})


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.fixture
def find(scene: Scene) -> Iterator[Find]:
    """A look at it; `watched` sessions have a process or a monitor."""
    with ProcFolder(scene.proc.folder) as proc:
        records = PodmanRecords(proc)

        def look(watched: Collection[str] = (), **changes: Any) -> list[Unreported]:
            return list(records.find([scene.container(**changes)], watched))

        yield look


def test_what_is_told_of_one(scene: Scene, find: Find) -> None:
    (found,) = find()
    session = found.session
    assert (session.id, session.command, session.user) == (SESSION, ["sleep", "9"], "me")
    assert (session.tty, session.exit_code, session.origin) == (True, None, "podman")
    assert (found.facts.stale, found.facts.reused, found.facts.mendable) == (True, False, True)
    assert found.mending.command == CLEAN_UP
    assert found.mending.exit_file == str(scene.bundle / "exit" / BOX)


def test_podman_5_keeps_the_same_elsewhere(scene: Scene, find: Find) -> None:
    (scene.storage / "libpod" / "bolt_state.db").unlink()
    podman_sqlite(scene.storage / "db.sql", podman_config(BOX, "web"), execs=record())
    (found,) = find()
    assert found.mending.command == CLEAN_UP


def test_one_with_a_process_or_a_monitor_is_left_alone(scene: Scene, find: Find) -> None:
    assert find({SESSION}) == []
    scene.proc.add(PID, start=1)  # it is not older than what was noted: it may be the one
    assert find() == []


def test_a_monitor_that_began_since_the_processes_were_looked_at(scene: Scene, find: Find) -> None:
    scene.proc.add(50, comm="conmon", words=("conmon", "-u", SESSION))
    scene.proc.write(50, "comm", "conmon\n")
    assert find() == []
    scene.proc.remove(50)
    assert len(find()) == 1


def test_a_pid_that_is_another_process_s_now(scene: Scene, find: Find) -> None:
    past = time.time() - 100
    os.utime(scene.bundle / "exec_pid", (past, past))
    boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    scene.proc.add(PID, start=int((boot - 50) * os.sysconf("SC_CLK_TCK")))
    (found,) = find()
    assert (found.facts.reused, found.facts.mendable) == (True, False)
    assert found.mending.command == []


def test_what_changes_is_noticed(scene: Scene, find: Find) -> None:
    assert len(find()) == 1
    scene.write(state=3)
    assert find() == []


def test_what_changes_within_a_tick_of_the_clock_is_noticed(scene: Scene, find: Find) -> None:
    database = scene.storage / "libpod" / "bolt_state.db"
    before = database.stat()
    assert len(find()) == 1
    scene.write(state=3)
    os.utime(database, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = database.stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)
    assert find() == []


@pytest.mark.parametrize(
    "changes", [{"engine": "docker"}, {"state": ContainerState.STOPPED}], ids=["docker", "stopped"]
)
def test_other_containers_are_not_looked_at(find: Find, changes: dict[str, Any]) -> None:
    assert find(**changes) == []


def test_a_user_s_podman_is_not_run_by_another(find: Find) -> None:
    (found,) = find(owner=os.geteuid() + 1)
    assert not found.facts.mendable
    assert found.mending.command == []


def test_what_a_user_may_have_written_is_not_run(scene: Scene, find: Find) -> None:
    if os.geteuid() != 0:
        skip_or_fail("needs root: a file is given to another user")
    os.chown(scene.storage / "libpod" / "bolt_state.db", 1000, -1)
    (found,) = find()
    assert found.mending.command == []


@pytest.mark.parametrize("spoil", ["bundle", "database", "noted", "pid"])
def test_what_cannot_be_read_tells_nothing(scene: Scene, find: Find, spoil: str) -> None:
    if spoil == "bundle":
        (scene.bundle / "exec_pid").unlink()
    elif spoil == "database":
        (scene.storage / "libpod" / "bolt_state.db").write_bytes(b"x" * 9000)
    elif spoil == "noted":
        (scene.bundle / "exec_pid").write_text("77")
    else:
        scene.write(pid=0)
    assert find() == []
