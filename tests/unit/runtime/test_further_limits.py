"""Which limits of a container's first process a session is given."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.kernel.limits import UNLIMITED, Limit
from runtime.model import ProcessIdentity
from runtime.sessions import prepare

INIT = ProcessIdentity(pid=7, start_time=8)
OURS = {"RLIMIT_NOFILE": Limit(1024, 4096), "RLIMIT_CORE": Limit(0, UNLIMITED)}


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that gives what is added, for these limits of the first process."""

    def added(
        theirs: dict[str, Limit],
        *named: str,
        root: bool = True,
        capable: bool = True,
        same_namespace: bool = True,
    ) -> dict[str, tuple[int, int]]:
        monkeypatch.setattr(prepare, "read_limits", lambda pid: theirs if pid == 7 else OURS)
        monkeypatch.setattr("runtime.sessions.prepare.os.geteuid", lambda: 0 if root else 1000)
        monkeypatch.setattr(prepare, "bounding_set", lambda: ["CAP_SYS_RESOURCE"] * capable)
        spaces = {7: 1 if same_namespace else 2}
        monkeypatch.setattr(prepare, "user_namespace", lambda pid: spaces.get(pid, 1))
        base = {"rlimits": [{"type": each, "soft": 1, "hard": 1} for each in named]}
        found = prepare._further_limits(INIT, base)
        return {each["type"]: (each["soft"], each["hard"]) for each in found}

    return added


def test_those_that_are_different(limits: Any) -> None:
    theirs = OURS | {"RLIMIT_NOFILE": Limit(512, 4096)}
    assert limits(theirs) == {"RLIMIT_NOFILE": (512, 4096)}
    assert limits(OURS) == {}


def test_what_the_configuration_names_counts(limits: Any) -> None:
    assert limits(OURS | {"RLIMIT_NOFILE": Limit(512, 4096)}, "RLIMIT_NOFILE") == {}


@pytest.mark.parametrize(
    ("changes", "raised"),
    [
        ({}, True),
        ({"root": False}, False),
        ({"capable": False}, False),
        ({"same_namespace": False}, False),
    ],
)
def test_limits_that_we_may_not_raise_are_left(
    limits: Any, changes: dict[str, bool], raised: bool
) -> None:
    theirs = {"RLIMIT_NOFILE": Limit(8192, 8192), "RLIMIT_CORE": Limit(5, 5)}
    expected = {"RLIMIT_CORE": (5, 5)} | ({"RLIMIT_NOFILE": (8192, 8192)} if raised else {})
    assert limits(theirs, **changes) == expected


def test_a_first_process_that_is_gone(limits: Any) -> None:
    assert limits({}) == {}
