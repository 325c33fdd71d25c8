"""Ending a process with all that descends from it, and knowing whose pid is whose."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.kernel.proc import identify, is_alive
from runtime.model import ProcessIdentity
from runtime.oci.abort import child_of, end_start, noted_monitor
from runtime.oci.bundle import ExecBundle

# Adopts what its children leave behind, as conmon does, and lets a child go through many lives:
# each is a child of the one before, which has ended. Says when the first of them begins.
ADOPTER = """
import ctypes, os, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        for life in range(int(sys.argv[2])):
            if os.fork():
                os._exit(0)
        while True:
            time.sleep(1000)
print("begun", flush=True)
while True:
    time.sleep(1000)
"""


@pytest.fixture
def everybody() -> Iterator[int]:
    """A pipe's end that is closed once all who hold the other end are gone."""
    ours, theirs = os.pipe()
    os.set_inheritable(theirs, True)
    yield theirs
    os.set_blocking(ours, False)
    # Nobody can write to it any more: an end, and not an error that there is nothing yet.
    assert os.read(ours, 1) == b""
    os.close(ours)


@pytest.mark.parametrize(("children", "lives"), [(0, 0), (1, 0), (3, 1), (2, 60)])
def test_what_descends_from_the_monitor_is_ended_with_it(
    everybody: int, children: int, lives: int
) -> None:
    program = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", ADOPTER, str(children), str(lives)],
        stdout=subprocess.PIPE,
        pass_fds=[everybody],
    )
    os.close(everybody)
    assert program.stdout is not None
    assert program.stdout.readline() == b"begun\n"
    monitor = identify(program.pid)
    assert monitor is not None

    end_start(monitor)
    assert program.wait() == -9
    program.stdout.close()


def test_another_s_processes_are_left_alone(
    sleeper: Callable[[], tuple[Any, ProcessIdentity]], ended: ProcessIdentity
) -> None:
    child, identity = sleeper()
    end_start(ended)
    end_start(ProcessIdentity(pid=child.pid, start_time=identity.start_time + 1))
    assert is_alive(identity)


def test_only_a_child_of_the_monitor_is_the_process(
    sleeper: Callable[[], tuple[Any, ProcessIdentity]], ended: ProcessIdentity
) -> None:
    us, (child, identity) = identify(os.getpid()), sleeper()
    assert child_of(us, child.pid) == identity
    assert child_of(identity, child.pid) is None
    assert child_of(None, child.pid) is None
    assert child_of(us, ended.pid) is None


def test_a_noted_pid_must_be_the_bundle_s_monitor(
    tmp_path: Path, start_child: Callable[..., Any]
) -> None:
    bundle = ExecBundle(tmp_path / "one", "box")
    other = ExecBundle(tmp_path / "two", "box")
    words = ["-c", "box", "-u", "id", "-n", "box", "--exec-attach", "--runtime-arg=--root"]
    words += ["--runtime-arg=/run/runc", "-b", str(bundle.folder)]
    child = start_child("import sys; sys.stdin.read()", *words)
    for each in (bundle, other):
        each.create()
        assert noted_monitor(each) is None
        each.monitor_pid_file.write_text(str(child.pid))
    assert noted_monitor(bundle) == identify(child.pid)
    assert noted_monitor(other) is None
