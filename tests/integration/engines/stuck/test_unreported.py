"""podman's sessions that have ended while podman says that they run: found, and podman told."""

from __future__ import annotations

import asyncio
import signal

import pytest

from runtime.engine import Engine
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import is_alive
from runtime.model import ExecState, SessionInfo
from tests.engines.podman import Podman
from tests.integration.engines.sessions.entering import PATIENCE, Clients, running, unique
from tests.integration.engines.stuck.conftest import Prune
from tests.integration.engines.stuck.podman_api import PodmanApi
from tests.integration.engines.stuck.test_stuck_podman import monitor_of


@pytest.fixture
def api(podman: Podman) -> PodmanApi:
    """podman's REST service."""
    return PodmanApi(podman.serve())


async def listed(engine: Engine, session: str, reason: str) -> SessionInfo:
    """Wait until a session is listed as stuck for this reason."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = [each for each in await engine.sessions() if each.id == session]
            assert len(found) < 2, found
            if found and [each.reason.value for each in found[0].stuck] == [reason]:
                return found[0]
            await engine.wait_changed(0.1)


@pytest.mark.parametrize("tty", [True, False], ids=["tty", "pipes"])
async def test_a_monitor_in_its_exit_delay_is_found_and_woken(
    engine: Engine, api: PodmanApi, pod: tuple[str, str], prune: Prune, tty: bool
) -> None:
    name, container = pod
    session = api.start_detached(container, "sh", "-c", "exit 3", tty=tty)
    found = await listed(engine, session, "exit-delay")
    assert (found.origin, found.container_id, found.container_name) == ("podman", container, name)
    assert (found.state, found.exit_code, found.pid) == (ExecState.STOPPED, 3, 0)
    assert (found.command, found.tty, found.recorded) == (["sh", "-c", "exit 3"], tty, False)
    (monitor,) = found.tree
    assert monitor.rule == "monitor"
    inspected = await engine.inspect(session)
    assert (inspected.stuck, inspected.exit_code) == (found.stuck, 3)
    assert inspected.finished
    told = api.record(session)
    assert told is not None
    assert told[0], "podman knows of the end already"

    (said,) = prune(name, "--dry-run")
    assert (said["id"], said["done"], said["refused"]) == (session, ["end-delay"], "")
    assert is_alive(monitor.process)
    (said,) = prune(name)
    assert (said["done"], said["exitCode"], said["error"]) == (["end-delay"], 3, "")
    assert await wait_ended(monitor.process, PATIENCE)
    assert api.record(session) is None
    assert session not in {each.id for each in await engine.sessions()}


async def test_one_that_is_running_is_no_such_session(
    engine: Engine, api: PodmanApi, pod: tuple[str, str], prune: Prune
) -> None:
    name, container = pod
    number = unique()
    session = api.start_detached(container, "sleep", number)
    process = await running(number)
    found = {each.id: each for each in await engine.sessions()}
    assert (found[session].state, found[session].stuck) == (ExecState.RUNNING, [])
    assert prune(name) == []
    assert is_alive(process)


async def test_a_record_whose_process_and_monitor_are_gone_is_mended(
    engine: Engine,
    podman: Podman,
    api: PodmanApi,
    pod: tuple[str, str],
    clients: Clients,
    prune: Prune,
) -> None:
    name, _ = pod
    lost, kept = unique(), unique()
    session = podman.do("exec", "-d", name, "sleep", lost)
    other = podman.do("exec", "-d", name, "sleep", kept)
    process, living = await running(lost), await running(kept)
    send_signal(monitor_of(process), signal.SIGKILL)
    send_signal(process, signal.SIGKILL)
    found = await listed(engine, session, "stale-record")
    assert (found.state, found.exit_code, found.pid) == (ExecState.STOPPED, None, 0)
    assert (found.origin, found.container_name) == ("podman", name)
    assert (found.command, found.monitor_alive) == (["sleep", lost], False)
    assert api.record(session) == (True, process.pid, 0)
    assert (await engine.inspect(session)).exit_code == -1
    assert "exectop prune" in found.actions.remove.reason

    (said,) = prune(name, "--dry-run")
    assert (said["id"], said["done"]) == (session, ["mend-record"])
    assert api.record(session) == (True, process.pid, 0)
    (said,) = prune(name)
    assert (said["done"], said["exitCode"], said["error"]) == (["mend-record"], None, "")
    assert api.record(session) == (False, 0, -1)
    known = {each.id: each.stuck for each in await engine.sessions()}
    assert session not in known
    assert known[other] == []
    assert is_alive(living)
    assert api.record(other) == (True, living.pid, 0)
