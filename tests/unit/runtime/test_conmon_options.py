"""What conmon's command line says of a session's streams."""

from __future__ import annotations

import pytest

from runtime.protocol.conmon_options import conmon_flags, conmon_options

# As podman 4.3.1 starts the monitor of `podman exec -it`, shortened.
PODMAN_EXEC = (
    "/usr/bin/conmon --api-version 1 -c abc -u def -r /usr/bin/runc -b /s/userdata/def -n web "
    "--exit-dir /s/userdata/def/exit --full-attach -l none --log-level warning "
    "--runtime-arg --log-format=json --runtime-arg --log -t -i -e --exec-attach "
    "--exec-process-spec /s/exec-process-1 --exit-command /usr/bin/podman "
    "--exit-command-arg --leave-stdin-open --exit-command-arg -s"
)


def test_flags_and_values() -> None:
    words = PODMAN_EXEC.split()
    assert conmon_flags(words) == {"full-attach", "terminal", "stdin", "exec", "exec-attach"}
    options = conmon_options(words)
    assert options["bundle"] == ["/s/userdata/def"]
    assert options["exit-dir"] == ["/s/userdata/def/exit"]
    assert options["exit-command-arg"] == ["--leave-stdin-open", "-s"]


@pytest.mark.parametrize(
    "line", ["conmon -b -t", "conmon --bundle -i", "conmon -n -e", "conmon -0 -t"]
)
def test_a_value_is_no_flag(line: str) -> None:
    assert conmon_flags(line.split()) == set()


@pytest.mark.parametrize("line", ["conmon --terminal --stdin", "conmon -i -t"])
def test_long_and_short_flags_are_the_same(line: str) -> None:
    assert conmon_flags(line.split()) == {"terminal", "stdin"}
