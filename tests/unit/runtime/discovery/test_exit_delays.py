"""Monitors that sleep: when they are believed, and when they may be woken."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery.exec_monitors import ExecMonitors
from runtime.discovery.exit_delays import asleep
from runtime.discovery.stuck import Unreported
from runtime.kernel.namespaces import own_namespace
from runtime.kernel.pid_counter import PidCounter
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import ContainerInfo, ContainerState
from tests.unit.runtime.made_up_proc import MadeUpProc

BOX, SESSION = "b" * 64, "5" * 64
MONITOR, RUNTIME, FIRST, SLEEPER = 1000, 1001, 1004, 1010
TICKS = os.sysconf("SC_CLK_TCK")


def ticks_ago(seconds: float) -> int:
    return int((time.clock_gettime(time.CLOCK_BOOTTIME) - seconds) * TICKS)


class Scene:
    """One container, one session that ended ten seconds ago, and its monitor."""

    def __init__(self, folder: Path) -> None:
        self.proc = MadeUpProc(folder / "proc")
        self.userdata = folder / "userdata"
        self.bundle = self.userdata / SESSION
        (self.bundle / "exit").mkdir(parents=True)
        (self.bundle / "exit" / BOX).write_text("3")
        (self.bundle / "exec_pid").write_text(str(FIRST))
        (self.bundle / "spec").write_text('{"args": ["sh", "-c", "x"], "user": {"uid": 7}}')
        self.start(MONITOR, 1, 30)
        self.start(SLEEPER, MONITOR, 10)

    def start(self, pid: int, ppid: int, ago: float, **changes: Any) -> None:
        """A process of conmon's, that many seconds old."""
        given = {"comm": "conmon", "words": self.words(), "pid_ns": own_namespace("pid")}
        self.proc.add(pid, ppid, start=ticks_ago(ago), **{**given, **changes})

    def words(self, bundle: Path | None = None, delay: str = "300") -> list[str]:
        """conmon's words."""
        at = bundle or self.bundle
        words = ["/usr/bin/conmon", "-c", BOX, "-u", SESSION, "-b", str(at), "-t", "-e"]
        words += ["--exit-dir", f"{at}/exit", "--exec-process-spec", f"{at}/spec"]
        return [*words, "--exit-command", "/bin/podman", "--exit-delay", delay]

    def container(self) -> ContainerInfo:
        return ContainerInfo(
            id=BOX,
            name="web",
            root="/r",
            runtime="runc",
            state=ContainerState.RUNNING,
            bundle=str(self.userdata),
            engine="podman",
        )


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The session, long after which other pids are given out."""
    monkeypatch.setattr(PidCounter, "read", lambda: PidCounter(9000, 32768))
    return Scene(tmp_path)


@pytest.fixture
def find(scene: Scene) -> Iterator[Callable[[], list[Unreported]]]:
    """A look at it."""
    with ProcFolder(scene.proc.folder) as proc:
        monitors = ExecMonitors(proc, proc.pids)

        def look() -> list[Unreported]:
            monitors.look()
            return list(asleep(proc, monitors, {BOX: scene.container()}))

        yield look


Find = Callable[[], list[Unreported]]


def test_what_is_told_of_one(scene: Scene, find: Find) -> None:
    (found,) = find()
    session = found.session
    assert (session.id, session.exit_code, session.user) == (SESSION, 3, "7")
    assert (session.command, session.tty, session.origin) == (["sh", "-c", "x"], True, "podman")
    assert found.facts.mendable
    assert 285 < found.facts.asleep <= 290
    assert found.mending.sleeper is not None
    assert (found.mending.sleeper.pid, session.tree[0].process.pid) == (SLEEPER, SLEEPER)


def test_one_whose_session_runs_does_not_sleep(scene: Scene, find: Find) -> None:
    scene.proc.remove(SLEEPER)
    assert find() == []


def test_one_that_was_forked_to_become_the_runtime_does_not_sleep(scene: Scene, find: Find) -> None:
    (scene.bundle / "exit" / BOX).unlink()
    assert find() == []


def test_one_that_runs_its_exit_command_does_not_sleep(scene: Scene, find: Find) -> None:
    assert len(find()) == 1
    (scene.proc.folder / str(SLEEPER) / "cmdline").write_bytes(b"/bin/podman\0")
    assert find() == []


def test_words_of_a_process_in_a_container_are_not_believed(scene: Scene, find: Find) -> None:
    scene.proc.enter(SLEEPER, pid_ns="pid:[2]")
    assert find() == []


def test_files_elsewhere_are_not_believed(scene: Scene, find: Find, tmp_path: Path) -> None:
    elsewhere = tmp_path / SESSION
    shutil.copytree(scene.bundle, elsewhere)
    for pid, ppid in ((MONITOR, 1), (SLEEPER, MONITOR)):
        scene.start(pid, ppid, 10, words=scene.words(elsewhere))
    assert find() == []


@pytest.mark.parametrize("code", ["-1", ""])
def test_one_that_knows_no_exit_code_is_not_woken(scene: Scene, find: Find, code: str) -> None:
    (scene.bundle / "exit" / BOX).write_text(code)
    found = find()
    assert [each.facts.mendable for each in found] == [False] * bool(code)
    assert [each.session.exit_code for each in found] == [None] * bool(code)


def test_one_that_is_about_to_wake_is_not_woken(scene: Scene, find: Find) -> None:
    scene.start(SLEEPER, MONITOR, 299)
    assert not find()[0].facts.mendable


def test_one_whose_signal_would_reach_another_process_is_not_woken(
    scene: Scene, find: Find
) -> None:
    # An older neighbour has had its pid all the while, a younger one may have the runtime's.
    scene.start(RUNTIME + 1, 1, 29.5, words=("sleep", "9"))
    assert find()[0].facts.mendable
    scene.start(RUNTIME, 1, 5, words=("sleep", "9"))
    assert not find()[0].facts.mendable


@pytest.mark.parametrize(("last", "harmless"), [(1003, False), (900, False), (1004, True)])
def test_one_whose_runtime_s_pid_is_about_to_be_given_anew_is_not_woken(
    scene: Scene, find: Find, monkeypatch: pytest.MonkeyPatch, last: int, harmless: bool
) -> None:
    monkeypatch.setattr(PidCounter, "read", lambda: PidCounter(last, 32768))
    assert find()[0].facts.mendable is harmless


def test_one_of_which_the_first_process_is_not_known_is_not_woken(scene: Scene, find: Find) -> None:
    (scene.bundle / "exec_pid").unlink()
    assert not find()[0].facts.mendable
