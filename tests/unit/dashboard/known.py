"""What the tests of the dashboard's parts share."""

from __future__ import annotations

from runtime.model import ContainerInfo, ContainerState

CONTAINER = ContainerInfo(
    id="web",
    name="web",
    engine="runc",
    runtime="runc",
    root="/r",
    bundle="/b",
    state=ContainerState.RUNNING,
)
