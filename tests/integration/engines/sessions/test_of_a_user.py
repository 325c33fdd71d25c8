"""Sessions in an ordinary user's containers, as root and as that user see them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from runtime.engine import Engine
from runtime.model import Certainty, EngineSettings
from tests.integration.engines.rootless_podman import RootlessPodman
from tests.integration.engines.sessions.entering import (
    Clients,
    origins,
    running,
    sessions_in,
    unique,
)
from tests.integration.rootless.conftest import OrdinaryUser, RootlessContainer

PODMAN = ("podman", "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs")


async def test_root_sees_the_sessions_of_a_user_s_podman(
    engine: Engine,
    logged_in: OrdinaryUser,
    rootless_podman: RootlessPodman,
    container_ids: Iterator[str],
) -> None:
    name, session = next(container_ids), unique()
    container = rootless_podman.run(name, "crun")
    done = logged_in.run(*PODMAN, "exec", "-d", name, "sleep", session)
    assert done.returncode == 0, done.stderr
    await running(session)
    found = await sessions_in(engine, [container])
    assert origins(found) == {session: ("podman", Certainty.CERTAIN)}
    one = found[session]
    assert (one.id, one.user, one.owner) == (done.stdout.decode().strip(), "root", logged_in.uid)
    assert one.actions.stop.possible


async def test_a_user_sees_and_stops_what_is_in_their_own_containers(
    user: OrdinaryUser,
    mine: RootlessContainer,
    clients: Clients,
    engine_settings: EngineSettings,
) -> None:
    attached, detached, of_root = unique(), unique(), unique()
    words = [mine.runtime, "--root", str(mine.root), "exec"]
    clients.start(*user.words(*words, mine.id, "sleep", attached))
    quiet = ("sh", "-c", 'exec "$@" </dev/null >/dev/null 2>&1', "sh")
    assert user.run(*quiet, *words, "-d", mine.id, "sleep", detached).returncode == 0
    clients.start("nsenter", "-t", str(mine.init.pid), "-p", "sleep", of_root)
    for each in (attached, detached, of_root):
        await running(each)

    def seen() -> dict[str, Any]:
        told = user.exectop("--root", str(mine.root), "ls", "--format", "json")
        assert (told.returncode, told.stderr) == (0, b"")
        return {each["command"][-1]: each for each in json.loads(told.stdout)}

    found = seen()
    # What root began there is not shown to the user by the kernel.
    assert set(found) == {attached, detached}
    assert found[attached]["origin"] == mine.runtime
    assert {each["owner"] for each in found.values()} == {user.uid}
    stopped = user.exectop("--root", str(mine.root), "stop", found[attached]["id"])
    assert stopped.returncode == 0, stopped.stderr
    assert set(seen()) == {detached}
    settings = msgspec.structs.replace(engine_settings, roots=[str(mine.root)])
    async with Engine(settings) as of_the_host:
        assert set(await sessions_in(of_the_host, [mine.id])) == {detached, of_root}
