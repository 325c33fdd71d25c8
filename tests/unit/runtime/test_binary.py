"""Which program drives a container."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from runtime.errors import RuntimeMissingError
from runtime.model import ContainerInfo, ContainerState
from runtime.oci.binary import find_program, find_runtime

Program = Callable[[str], str]
BOX = ContainerInfo(
    id="box",
    name="box",
    engine="docker",
    runtime="runc",
    root="/r",
    bundle="/b",
    state=ContainerState.RUNNING,
)
USUAL = {"runc": "runc", "crun": "crun"}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """Makes a program, in a folder that is all of PATH; gives its path."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("runtime.oci.binary._EXTRA_FOLDERS", ())
    find_program.cache_clear()

    def make(name: str) -> str:
        made = tmp_path / name
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text("#!/bin/sh\n")
        made.chmod(0o755)
        return str(made)

    yield make
    find_program.cache_clear()


def driven_by(path: str, runtime: str = "runc") -> ContainerInfo:
    return msgspec.structs.replace(BOX, runtime_path=path, runtime=runtime)


def test_the_engine_s_own_program(program: Program) -> None:
    in_path, own = program("bin/runc"), program("opt/runc-1.2")
    assert find_runtime(BOX, USUAL) == in_path
    assert find_runtime(driven_by(own), USUAL) == own


def test_a_setting_counts_more(program: Program) -> None:
    program("bin/runc")
    own, wanted = program("opt/runc"), program("opt/runc-patched")
    assert find_runtime(driven_by(own), USUAL | {"runc": wanted}) == wanted


def test_a_program_that_is_gone_is_looked_up_by_the_runtime_s_name(program: Program) -> None:
    in_path = program("bin/runc")
    assert find_runtime(driven_by("/opt/gone/runc"), USUAL) == in_path


def test_a_runtime_that_there_is_no_setting_for(program: Program) -> None:
    in_path = program("bin/youki")
    assert find_runtime(driven_by("", "youki"), USUAL) == in_path


def test_none_at_all(program: Program) -> None:
    with pytest.raises(RuntimeMissingError, match="runc is not installed"):
        find_runtime(driven_by("/opt/gone"), USUAL)
