"""Runtime roots with made-up containers in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.discovery.containers import ContainerFinder
from runtime.model import ContainerInfo
from tests.files.state import write_crun, write_runc

Write = Callable[..., Path]
Finder = Callable[..., ContainerFinder]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The state folder of a runtime."""
    made = tmp_path / "root"
    made.mkdir()
    return made


@pytest.fixture
def runc(root: Path) -> Write:
    """A function that writes the state of a runc container in the root."""

    def write(name: str = "box", text: bytes | None = None, **changes: Any) -> Path:
        return write_runc(root / name, text, **changes)

    return write


@pytest.fixture
def crun(root: Path) -> Write:
    """The same of a crun container."""

    def write(name: str = "box", annotations: dict[str, str] | None = None, **changes: Any) -> Path:
        return write_crun(root / name, annotations, **changes)

    return write


@pytest.fixture
def make_finder(descriptors: Callable[[], int]) -> Iterator[Finder]:
    """Makes finders for given roots; at the end none may hold anything open."""
    before = descriptors()
    made: list[ContainerFinder] = []

    def make(*roots: Path) -> ContainerFinder:
        made.append(ContainerFinder([str(each) for each in roots]))
        return made[-1]

    yield make
    for each in made:
        each.close()
    assert descriptors() == before


@pytest.fixture
def finder(root: Path, make_finder: Finder) -> ContainerFinder:
    """A finder that looks in the root."""
    return make_finder(root)


@pytest.fixture
def only(finder: ContainerFinder) -> Callable[[], ContainerInfo]:
    """Gives the only container of the root, and makes sure that it is the only one."""

    def find() -> ContainerInfo:
        found, problems = finder.find()
        assert problems == []
        assert len(found) == 1
        return found[0]

    return find
