"""What conmon is called with, and what can be told of a session from it afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.model import ContainerInfo, ContainerState
from runtime.oci.base import StartRequest
from runtime.oci.bundle import ExecBundle
from runtime.oci.conmon_arguments import conmon_arguments, read_arguments

BOX = ContainerInfo(
    id="box",
    name="the box",
    engine="runc",
    runtime="runc",
    root="/run/runc",
    bundle="/bundles/box",
    state=ContainerState.RUNNING,
)


def arguments(keep_output: int | None) -> list[str]:
    request = StartRequest(
        container=BOX,
        session_id="a" * 64,
        process_spec=bytes,
        bundle=ExecBundle(Path("/run/exectop/bundles/key/aaa"), BOX.id),
        terminal=True,
        stdin=False,
        keep_output=keep_output,
    )
    return conmon_arguments(request, "/usr/sbin/runc")


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
