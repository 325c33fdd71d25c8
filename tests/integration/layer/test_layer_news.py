"""What wakes a waiting dashboard: containers that come and go, sessions that others begin."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Callable

import pytest

from app.demo.launch import LaunchedContainer
from runtime.discovery import process_changes
from runtime.engine import Engine
from runtime.errors import AccessDeniedError
from runtime.kernel.pidfd import send_signal
from runtime.kernel.proc_folder import ProcFolder
from runtime.kernel.process_events import ProcessEvents
from runtime.model import ProcessIdentity, SessionInfo

# Far longer than a test takes: a wait that lasts so long was woken by nothing.
_FOREVER = 60.0

MakeContainer = Callable[..., LaunchedContainer]


@pytest.fixture
def kernel_news() -> None:
    """Skip where the kernel does not tell of new processes."""
    try:
        ProcessEvents().close()
    except AccessDeniedError as error:
        pytest.skip(f"{error.message} (needs root in the first pid namespace)")


async def woken(engine: Engine) -> None:
    """Wait for news; fail where it does not come."""
    async with asyncio.timeout(_FOREVER / 2):
        await engine.wait_changed(_FOREVER)


async def quiet(engine: Engine) -> None:
    """Look, and wait until nothing is new any more."""
    while True:
        await engine.overview()
        try:
            async with asyncio.timeout(0.3):
                await engine.wait_changed(_FOREVER)
        except TimeoutError:
            return


async def test_a_session_that_another_program_begins_wakes_it(
    engine: Engine, container: LaunchedContainer, kernel_news: None
) -> None:
    await quiet(engine)
    words = [container.program, "--root", str(container.root), "exec", "-d", container.id]
    subprocess.run([*words, "sleep", "1000"], check=True)
    found: list[list[str]] = []
    while ["sleep", "1000"] not in found:
        await woken(engine)
        found = [each.command for each in (await engine.overview()).sessions]


async def test_a_container_that_comes_and_goes_wakes_it(
    engine: Engine, make_container: MakeContainer
) -> None:
    await quiet(engine)
    made = make_container("runc")
    names: set[str] = set()
    while made.id not in names:
        await woken(engine)
        names = {each.id for each in (await engine.overview()).containers}
    made.delete()
    while made.id in names:
        await woken(engine)
        names = {each.id for each in (await engine.overview()).containers}


async def test_who_is_told_of_changes_does_not_look_through_all_processes(
    engine: Engine,
    container: LaunchedContainer,
    kernel_news: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_changes, "_WHOLE", 1000.0)
    await quiet(engine)
    await engine.overview()  # the first one after the waiting began looks through them
    looks: list[ProcFolder] = []

    def noted(proc: ProcFolder) -> dict[int, int]:
        looks.append(proc)
        return {}

    monkeypatch.setattr(ProcFolder, "pids", noted)
    words = [container.program, "--root", str(container.root), "exec", "-d", container.id]
    subprocess.run([*words, "sleep", "1000"], check=True)
    found: list[SessionInfo] = []
    while not found:
        await woken(engine)
        sessions = (await engine.overview()).sessions
        found = [each for each in sessions if each.command == ["sleep", "1000"]]
    leader = ProcessIdentity(pid=found[0].pid, start_time=found[0].start_time)
    assert send_signal(leader, signal.SIGKILL)
    while any(each.command == ["sleep", "1000"] for each in (await engine.overview()).sessions):
        await woken(engine)
    assert looks == []


async def test_what_a_container_runs_by_itself_wakes_nobody(
    engine: Engine, make_container: MakeContainer, kernel_news: None
) -> None:
    script = "while :; do true; /bin/busybox true; sleep 0.01; done"
    make_container("runc", args=["sh", "-c", script])
    await quiet(engine)  # would never end if each of them did
