"""What a process is doing, in a word."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from runtime.kernel import process_state as module
from runtime.kernel.proc import identify
from runtime.kernel.process_state import process_state
from runtime.model import ProcessIdentity
from tests.unit.runtime.conftest import Child

StartProcess = Callable[[], tuple[Child, ProcessIdentity]]


def test_one_that_looks_at_itself_runs() -> None:
    ourselves = identify(os.getpid())
    assert ourselves is not None
    assert process_state(ourselves) == "running"


def test_one_that_was_suspended_is_stopped(sleeper: StartProcess) -> None:
    child, identity = sleeper()
    child.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    assert process_state(identity) == "stopped"


def test_a_zombie(zombie: tuple[Child, ProcessIdentity]) -> None:
    assert process_state(zombie[1]) == "zombie"


def test_one_that_is_gone_or_another_has_none(
    ended: ProcessIdentity, sleeper: StartProcess
) -> None:
    assert process_state(ended) == ""
    _, identity = sleeper()
    other = ProcessIdentity(pid=identity.pid, start_time=identity.start_time + 1)
    assert process_state(other) == ""


def test_what_is_frozen_says_so_unless_it_has_ended(
    sleeper: StartProcess,
    zombie: tuple[Child, ProcessIdentity],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "is_frozen", lambda pid: True)
    assert process_state(sleeper()[1]) == "frozen"
    assert process_state(zombie[1]) == "zombie"
