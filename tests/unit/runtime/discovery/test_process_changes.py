"""What the kernel tells of processes between two looks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from runtime.discovery import process_changes
from runtime.discovery.process_changes import ProcessChanges
from runtime.errors import AccessDeniedError
from runtime.kernel import process_events
from runtime.kernel.proc_folder import ProcFolder


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessChanges]:
    """Not opened yet; all processes are looked through only where that is needed."""
    monkeypatch.setattr(process_changes, "_WHOLE", 1000.0)
    with ProcFolder() as proc:
        made = ProcessChanges(proc)
        yield made
        made.close()


@pytest.fixture
def changes(closed: ProcessChanges) -> ProcessChanges:
    """Opened, and asked for the first time."""
    try:
        closed.open()
    except AccessDeniedError as error:
        pytest.skip(f"{error.message} (needs root in the first pid namespace)")
    assert closed.take() is None
    return closed


def told(changes: ProcessChanges) -> set[int]:
    found = changes.take()
    assert found is not None
    return found


def test_before_it_is_opened_it_may_be_any_process(closed: ProcessChanges) -> None:
    assert closed.take() is None


def test_who_came_is_told_of_once(changes: ProcessChanges) -> None:
    with subprocess.Popen(["sleep", "1000"]) as child:
        assert child.pid in told(changes)
        assert child.pid not in told(changes)
        child.kill()


def test_who_ended_is_told_of_until_it_is_gone(changes: ProcessChanges) -> None:
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    for _ in range(3):
        assert child.pid in told(changes)
    child.wait()
    assert child.pid in told(changes)
    assert child.pid not in told(changes)


def test_after_lost_news_it_may_be_any_process(
    closed: ProcessChanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_events, "_BUFFER", 1)  # the kernel makes it some 2 KiB
    try:
        closed.open()
    except AccessDeniedError as error:
        pytest.skip(f"{error.message} (needs root in the first pid namespace)")
    closed.take()
    for _ in range(40):
        subprocess.run(["true"], check=True)
    assert closed.take() is None


def test_now_and_then_it_may_be_any_process(
    changes: ProcessChanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_changes, "_WHOLE", -1.0)
    changes._next_whole = 0.0
    assert changes.take() is None
    assert changes.take() is None
