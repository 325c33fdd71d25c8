"""Sessions in the foreground of a runtime or an nsenter that was killed, and such as never were."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from app.demo.launch import LaunchedContainer
from runtime.engine import Engine
from runtime.kernel.proc import is_alive
from runtime.model import Remedy, SessionInfo
from tests.conftest import RUNTIMES
from tests.integration.engines.sessions.entering import (
    Clients,
    eventually,
    running,
    sessions_in,
    unique,
)
from tests.integration.engines.sessions.test_runtime_sessions import exec_words, nsenter

GONE, MAYBE = [("client-gone", "certain")], [("client-gone", "likely")]


def reasons(session: SessionInfo) -> list[tuple[str, str]]:
    return [(each.reason.value, each.certainty.value) for each in session.stuck]


def deaf(name: str) -> tuple[str, ...]:
    """A command that outlives its terminal: `sleep NAME`."""
    return "sh", "-c", 'trap "" HUP; exec sleep "$0"', name


def commands(container: LaunchedContainer, way: str) -> list[str]:
    if way == "nsenter":
        return nsenter(container, "-a")
    return exec_words(container, *(("-t",) if way == "tty" else ()))


@pytest.mark.parametrize("way", ["tty", "pipes", "nsenter"])
@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_one_whose_client_was_killed(
    sight: Engine, launch: Any, clients: Clients, runtime: str, way: str
) -> None:
    container = await launch(runtime)
    lost, kept = unique(), unique()
    reader, writer = os.pipe()
    begin = clients.start_in_terminal if way == "tty" else clients.start
    pipes = {} if way == "tty" else {"stdout": writer, "stderr": writer}
    client = begin(*commands(container, way), *deaf(lost), **pipes)
    os.close(writer)
    begin(*commands(container, way), *deaf(kept))
    process, living = await running(lost), await running(kept)
    both = await eventually(sight, [container.id], lambda now: now.keys() == {lost, kept})
    assert [reasons(each) for each in both.values()] == [[], []]

    client.kill()
    client.wait()
    # crun and nsenter hand their own streams on: whoever began them has the other ends.
    os.close(reader)
    if client.stdin is not None:
        client.stdin.close()
    found = await eventually(sight, [container.id], lambda now: bool(now[lost].stuck))
    assert {name: reasons(each) for name, each in found.items()} == {lost: GONE, kept: []}
    assert found[lost].stuck[0].detail.endswith("and nobody can come back to it")
    pruned = await sight.exec_prune(found[lost].id)
    assert (pruned.done, pruned.error) == ([Remedy.STOP], "")
    assert not is_alive(process)
    assert is_alive(living)


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_one_that_was_never_seen_with_a_client_is_left_alone(
    sight: Engine, launch: Any, runtime: str
) -> None:
    container = await launch(runtime)
    silent, cut_off = unique(), unique()
    null = subprocess.DEVNULL
    for name, output in ((silent, null), (cut_off, subprocess.PIPE)):
        words = [*exec_words(container, "-d"), "sleep", name]
        with subprocess.Popen(words, stdin=null, stdout=output, stderr=null) as begun:
            assert begun.wait(60) == 0
    process = await running(cut_off)
    await running(silent)
    found = await sessions_in(sight, [container.id])
    assert {name: reasons(each) for name, each in found.items()} == {silent: [], cut_off: MAYBE}
    pruned = await sight.exec_prune(found[cut_off].id)
    assert pruned.done == []
    assert "may be meant to go on alone" in pruned.refused
    assert is_alive(process)
