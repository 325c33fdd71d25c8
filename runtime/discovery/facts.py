"""What an engine knows of a container beyond what its OCI runtime does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

# Docker Compose and nerdctl, podman-compose, and Docker's stacks.
_PROJECT_LABELS = (
    "com.docker.compose.project",
    "io.podman.compose.project",
    "com.docker.stack.namespace",
)


class ContainerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of ContainerInfo of the same names; what no file tells is empty.

    `told` is False where the engine must know more, and its files could not be read.
    """

    engine: str
    name: str
    image: str = ""
    labels: dict[str, str] = {}
    namespace: str = ""
    pod: str = ""
    sandbox: bool = False
    runtime_path: str = ""
    restarting: bool = False
    restarts: int | None = None
    told: bool = True

    @property
    def compose_project(self) -> str:
        """The project that the container belongs to."""
        return next((self.labels[each] for each in _PROJECT_LABELS if each in self.labels), "")


class NamedContainer(Protocol):
    """The way to one container's facts."""

    def stamp(self) -> object:
        """Something cheap that is different when the facts may be."""

    def facts(self) -> ContainerFacts:
        """Read the facts; never raises for what a file says or that there is none."""


def program_path(program: str, runtime: str) -> str:
    """The program that drives a container, "" where that is the usual one of its runtime."""
    return "" if program == runtime else program


def number(text: str) -> int | None:
    """A whole number of an engine's, None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def qualified(namespace: str, pod: str) -> str:
    """A Kubernetes pod with its namespace, as `kubectl` would take both."""
    return f"{namespace}/{pod}" if namespace and pod else pod


def text_values(found: Mapping[str, object] | None) -> dict[str, str]:
    """The values of a mapping that are texts."""
    return {key: value for key, value in (found or {}).items() if isinstance(value, str)}
