"""What an OCI runtime wrote down of a container, and the interface to whoever reads it."""

from __future__ import annotations

from typing import Protocol

import msgspec

from runtime.model import ContainerInfo, ProcessIdentity


class ContainerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the runtime noted when it made the container; it does not change afterwards.

    `config_path` is the OCI configuration that the container was made from. `waits` is for runtimes
    that note in their record itself that the container is not started yet.
    """

    runtime: str
    bundle: str
    config_path: str
    init: ProcessIdentity | None
    created: float | None
    annotations: dict[str, str]
    waits: bool = False


class ContainerSource(Protocol):
    """Where the sessions learn of their containers (`runtime.discovery` implements it)."""

    def refresh(self, root: str, container_id: str) -> ContainerInfo | None:
        """The container as it is now, None when its runtime has no record of it (any more)."""

    def record(self, container: ContainerInfo) -> ContainerRecord | None:
        """The runtime's record of a container that was told of, None when it is gone."""
