"""What conmon is called with, and what can be told of a session from it afterwards."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.model import ContainerInfo, ContainerState
from runtime.oci.base import StartRequest
from runtime.oci.bundle import ExecBundle
from runtime.oci.conmon_arguments import conmon_arguments, conmon_environment, read_arguments

BOX = ContainerInfo(
    id="box",
    name="the box",
    engine="runc",
    runtime="runc",
    root="/run/runc",
    bundle="/bundles/box",
    state=ContainerState.RUNNING,
)


def request(keep_output: int | None = None, **changes: Any) -> StartRequest:
    wanted: dict[str, Any] = {
        "container": BOX,
        "session_id": "a" * 64,
        "process_spec": bytes,
        "bundle": ExecBundle(Path("/run/exectop/bundles/key/aaa"), BOX.id),
        "terminal": True,
        "stdin": False,
        "keep_output": keep_output,
    }
    return StartRequest(**wanted | changes)


def arguments(keep_output: int | None) -> list[str]:
    return conmon_arguments(request(keep_output), "/usr/sbin/runc")


@pytest.mark.parametrize(("keep_output", "cap"), [(None, 0), (0, 0), (8_000_000, 8_000_000)])
def test_what_is_written_is_read_back(keep_output: int | None, cap: int) -> None:
    found = read_arguments(["conmon", *arguments(keep_output)])
    assert found is not None
    assert (found.container_id, found.container_name) == ("box", "the box")
    assert (found.session_id, found.root) == ("a" * 64, "/run/runc")
    assert (found.bundle, found.output_cap) == ("/run/exectop/bundles/key/aaa", cap)


@pytest.mark.parametrize("value", ["", "-1", "1e9", "\u0661", "9" * 5000, "0x10", "1 2"])
def test_a_cap_that_is_none_is_no_cap(value: str) -> None:
    found = read_arguments([value if each == "8" else each for each in arguments(8)])
    assert found is not None
    assert found.output_cap == 0


@pytest.mark.parametrize("missing", ["-c", "-u", "-n", "-b", "--exec-attach", "--runtime-arg"])
def test_another_program_s_command_line_is_none(missing: str) -> None:
    words = [each for each in arguments(8) if not each.startswith(missing)]
    assert read_arguments(words) is None


@pytest.mark.parametrize(
    ("changes", "tmpdir", "theirs"),
    [
        ({}, "/t", "."),
        ({}, "/" + "t" * 100, "."),
        ({"terminal": False}, "/t", "/t"),
        ({"container": msgspec.structs.replace(BOX, runtime="youki")}, "/t", "/t"),
        ({"container": msgspec.structs.replace(BOX, runtime="youki")}, "/" + "t" * 100, None),
    ],
)
def test_where_conmon_makes_the_terminal_s_socket(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], tmpdir: str, theirs: str | None
) -> None:
    monkeypatch.setenv("TMPDIR", tmpdir)
    assert conmon_environment(request(**changes), 3, 4, 5).get("TMPDIR") == theirs


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("tmpdir", ["/it's here", None])
def test_an_exit_command_has_our_folder_for_temporary_files(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, tmpdir: str | None
) -> None:
    if tmpdir is None:
        monkeypatch.delenv("TMPDIR", raising=False)
    else:
        monkeypatch.setenv("TMPDIR", tmpdir)
    command = ["/bin/sh", "-c", 'printf "%s|" "${TMPDIR-none}" "$@"', "sh"]
    asked = request(terminal=terminal, exit_command=command)
    words = conmon_arguments(asked, "/usr/sbin/runc")
    program = words[words.index("--exit-command") + 1]
    passed = [each.partition("=")[2] for each in words if each.startswith("--exit-command-arg=")]
    told = subprocess.run(
        [program, *passed], env=conmon_environment(asked, 3, 4, 5), capture_output=True, text=True
    )
    assert told.stdout.split("|") == [tmpdir or "none", "a" * 64, "box", ""]
