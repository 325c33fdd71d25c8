"""The podman of the tests leaves no monitor behind that sleeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engines.podman import Podman, working_in
from tests.integration.engines.stuck.podman_api import PodmanApi


def test_monitors_in_their_exit_delay_are_ended(
    podman: Podman, engine_folder: Callable[[str], Path], rootfs: Path
) -> None:
    folder = engine_folder("q")
    other = Podman(folder, rootfs)
    container = other.run("xt-asleep")
    PodmanApi(other.serve()).start_detached(container, "true")
    other.close()
    assert list(working_in(folder)) == []
