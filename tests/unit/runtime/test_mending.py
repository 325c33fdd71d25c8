"""Telling an engine that a session has ended: what is run, and what is said where that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.errors import OCIRuntimeError, SessionStateError
from runtime.kernel.proc import identify
from runtime.model import Mending
from runtime.sessions.mending import mend

# Says what it was given, and in which state the exit file was by then.
_CLEAN_UP = (
    sys.executable,
    "-c",
    "import pathlib, sys; file = pathlib.Path(sys.argv[1]);"
    "file.with_name('seen').write_text(file.read_text())",
)


async def test_the_unknown_exit_code_is_noted_before_the_clean_up(tmp_path: Path) -> None:
    file = tmp_path / "exit"
    await mend(Mending(exit_file=str(file), command=[*_CLEAN_UP, str(file)]))
    assert (tmp_path / "seen").read_text() == "-1"


async def test_an_exit_code_that_is_known_stays(tmp_path: Path) -> None:
    file = tmp_path / "exit"
    file.write_text("3")
    await mend(Mending(exit_file=str(file), command=[*_CLEAN_UP, str(file)]))
    assert (tmp_path / "seen").read_text() == "3"


async def test_a_link_in_the_file_s_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "exit").symlink_to(tmp_path / "elsewhere")
    await mend(Mending(exit_file=str(tmp_path / "exit"), command=["true"]))
    assert not (tmp_path / "elsewhere").exists()


async def test_what_the_clean_up_says_is_told(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo first >&2; echo it is running >&2; exit 125"]
    with pytest.raises(OCIRuntimeError, match="sh did not clean up: it is running"):
        await mend(Mending(exit_file=str(tmp_path / "exit"), command=command))


async def test_without_a_program_or_a_place_nothing_is_done(tmp_path: Path) -> None:
    with pytest.raises(OCIRuntimeError, match="cannot run"):
        await mend(Mending(exit_file=str(tmp_path / "exit"), command=["/no/such"]))
    missing = Mending(exit_file=str(tmp_path / "no" / "exit"), command=["touch", f"{tmp_path}/ran"])
    with pytest.raises(SessionStateError, match="cannot write"):
        await mend(missing)
    assert not (tmp_path / "ran").exists()


async def test_where_there_is_no_way_that_is_said() -> None:
    with pytest.raises(SessionStateError, match="nobody but its engine"):
        await mend(Mending())


async def test_one_that_has_been_woken_already_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "0"]) as program:
        gone = identify(program.pid)
    assert gone is not None
    await mend(Mending(sleeper=gone, monitor=gone))
