"""The kernel's own news of processes, on this kernel."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import threading
from collections.abc import Iterator

import pytest

from runtime.errors import AccessDeniedError
from runtime.kernel import process_events
from runtime.kernel.process_events import ProcessEvents

_LIMIT = 10


@pytest.fixture
def events() -> Iterator[ProcessEvents]:
    try:
        made = ProcessEvents()
    except AccessDeniedError as error:
        pytest.skip(f"{error.message} (needs root in the first pid namespace)")
    yield made
    made.close()


def read_until(events: ProcessEvents, pid: int) -> set[int]:
    """Everything told of up to the event of `pid`."""
    found: set[int] = set()
    while pid not in found:
        assert select.select([events], [], [], _LIMIT)[0], f"no event of {pid}"
        found |= events.read() or set()
    return found


def fork_and_thread() -> int:
    """Let a child and a thread begin and end; gives the child's pid."""
    forked = os.fork()
    if forked == 0:
        os._exit(0)
    os.waitpid(forked, 0)
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return forked


def test_a_program_that_is_run_is_told_of(events: ProcessEvents) -> None:
    with subprocess.Popen(["sleep", "0"]) as child:
        assert child.pid in read_until(events, child.pid)


def test_a_fork_alone_is_no_news(events: ProcessEvents) -> None:
    forked = fork_and_thread()
    with subprocess.Popen(["sleep", "0"]) as later:
        found = read_until(events, later.pid)
    assert forked not in found
    assert os.getpid() not in found


def test_lives_are_told_of_where_they_are_asked_for() -> None:
    try:
        events = ProcessEvents(lives=True)
    except AccessDeniedError as error:
        pytest.skip(f"{error.message} (needs root in the first pid namespace)")
    with contextlib.closing(events):
        forked = fork_and_thread()
        with subprocess.Popen(["sleep", "1000"]) as later:
            found = read_until(events, later.pid)
            assert forked in found
            assert os.getpid() not in found  # what a thread does is none of its process's life
            assert forked in events.ended
            assert later.pid not in events.ended
            later.kill()
            later.wait()
            read_until(events, later.pid)
            assert later.pid in events.ended


def test_lost_news_are_told_of(events: ProcessEvents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_events, "_BUFFER", 1)  # the kernel makes it some 2 KiB
    small = ProcessEvents()
    for _ in range(40):
        subprocess.run(["true"], check=True)
    assert small.read() is None
    small.close()


def test_who_may_not_listen_is_told_so(unprivileged: object) -> None:
    with pytest.raises(AccessDeniedError) as caught:
        ProcessEvents()
    assert caught.value.hint


@pytest.mark.parametrize("packet", [b"", b"\0" * 40, b"\xff" * 59])
def test_a_short_packet_tells_nothing(packet: bytes) -> None:
    assert process_events._event(packet) is None
