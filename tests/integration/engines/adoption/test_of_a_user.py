"""Sessions of an ordinary user's podman, joined by root and by that user."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from runtime.engine import Engine
from runtime.sessions.attachment import AnyAttachment
from tests.integration.conftest import InTerminal
from tests.integration.engines.adoption.owner import ANSWERS, Owner, session_of, tag
from tests.integration.engines.rootless_podman import RootlessPodman
from tests.integration.layer.conftest import Screenful
from tests.integration.rootless.conftest import OrdinaryUser

PODMAN = ("podman", "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs")


@pytest.fixture
def begun(
    logged_in: OrdinaryUser, rootless_podman: RootlessPodman, container_ids: Iterator[str]
) -> Iterator[Owner]:
    """A session that the user began in a terminal."""
    container, name = next(container_ids), tag()
    rootless_podman.run(container, "crun")
    words = [*PODMAN, "exec", "-it", container, "sh", "-c", ANSWERS, name]
    made = Owner(InTerminal(logged_in.words(*words), 24, 80), name)
    yield made
    made.close()


async def test_root_joins_it_and_leaves_it_as_it_was(
    engine: Engine, begun: Owner, watch: Callable[[AnyAttachment], Screenful]
) -> None:
    await begun.sees("ready")
    for rescue in (False, True):
        session = await session_of(engine, begun.name)
        ours = watch(await engine.attach(session.id, rescue=rescue))
        await ours.attachment.write(b"from root\n")
        await ours.wait_for(b"got from root 24 80")
        await begun.sees("got from root 24 80")
        await ours.leave()
        await begun.can_type("afterwards")


async def test_the_user_joins_it_from_another_terminal(
    engine: Engine, begun: Owner, logged_in: OrdinaryUser
) -> None:
    await begun.sees("ready")
    session = await session_of(engine, begun.name)
    words = logged_in.words(*logged_in.launcher, "attach", session.id)
    other = Owner(InTerminal(words, 30, 90), begun.name)
    try:
        other.type("from elsewhere\n")
        await other.sees("got from elsewhere 30 90")
        other.type("\x10\x11")
        assert await other.exit_code() == 0
    finally:
        other.close()
    await begun.can_type("afterwards")
    begun.type("\x04")
    assert await begun.exit_code() == 7
