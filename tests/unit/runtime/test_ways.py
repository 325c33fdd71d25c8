"""What is said of the ways into a stranger's session, where not all of it can be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import AccessDeniedError
from runtime.kernel.tty_master import Terminal
from runtime.model import ExecState, ProcessIdentity, SessionInfo
from runtime.sessions import ways as ways_module
from runtime.sessions.holder import Holder, HolderKind
from runtime.sessions.ways import Ways, plan_of, ways_into

TERMINAL = Terminal(1, 2, 3)


def session(process: ProcessIdentity, **changes: Any) -> SessionInfo:
    known: dict[str, Any] = {
        "id": "podman-1-2",
        "container_id": "c",
        "container_key": "k",
        "container_name": "web",
        "origin": "podman",
        "state": ExecState.RUNNING,
        "pid": process.pid,
        "start_time": process.start_time,
        "command": ["sh"],
        "tty": True,
        "user": "",
        "created": 0.0,
        "recorded": False,
    }
    return SessionInfo(**{**known, **changes})


def ways(process: ProcessIdentity, holder: Holder | None, **changes: Any) -> Ways:
    return Ways(
        **(
            {"leader": process, "terminal": TERMINAL, "holder": holder, "input_open": True}
            | changes
        )
    )


@pytest.fixture
def process(sleeper: Callable[[], tuple[Any, ProcessIdentity]]) -> ProcessIdentity:
    return sleeper()[1]


@pytest.fixture
def conmon(process: ProcessIdentity) -> Holder:
    return Holder(
        process=process,
        kind=HolderKind.CONMON,
        program="conmon",
        attach=Path("/attach"),
        takes_input=True,
    )


def refuse(*_: object) -> Any:
    raise AccessDeniedError("not allowed to see what process 7 has open")


def test_input_that_cannot_be_seen_counts_as_open(
    process: ProcessIdentity, conmon: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways_module, "holder_of", lambda _: conmon)
    monkeypatch.setattr(ways_module, "input_is_open", refuse)
    assert ways_into(session(process)).input_open


def test_a_rescue_that_the_kernel_refuses_is_not_promised(
    process: ProcessIdentity, conmon: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways_module, "masters_of", refuse)
    plan = plan_of(session(process), ways(process, conmon))
    assert plan.attach.possible and plan.write.possible
    assert plan.rescue.reason == "not allowed to see what process 7 has open"


def test_a_terminal_that_the_holder_has_not_cannot_be_taken(
    process: ProcessIdentity, conmon: Holder
) -> None:
    plan = plan_of(session(process), ways(process, conmon))
    assert plan.rescue.reason == "conmon does not hold its terminal (any more)"
    plan = plan_of(session(process), ways(process, conmon, terminal=None))
    assert plan.rescue.reason == "it has closed its terminal"
    plan = plan_of(session(process, tty=False), ways(process, conmon, terminal=None))
    assert plan.rescue.reason == "it has no terminal"


def test_a_holder_that_does_not_wait_for_the_terminal_is_told_of(
    process: ProcessIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = Holder(process=process, kind=HolderKind.SHIM, program="containerd-shim-runc-v2")
    monkeypatch.setattr(ways_module, "masters_of", lambda *_: [7])
    plan = plan_of(session(process, origin="docker"), ways(process, shim))
    assert plan.rescue.possible
    assert "Its output is incomplete" in plan.rescue_does[1]
    assert "containerd-shim-runc-v2" in plan.rescue_does[1]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": ExecState.STOPPED}, "it has ended"),
        ({"origin": "exectop"}, "it is recorded elsewhere: use the state folder or the user "
                                "that began it"),
        ({"origin": "orphan"}, "the session that began it has ended, and its streams with it"),
        ({"origin": "nsenter"}, "it is in the terminal of whoever entered the container"),
        ({}, "its monitor is gone, and its streams with it"),
    ],
)  # fmt: skip
def test_where_nobody_holds_its_streams_nothing_can_be_done(
    process: ProcessIdentity, changes: dict[str, Any], reason: str
) -> None:
    plan = plan_of(session(process, **changes), ways(process, None))
    assert {plan.attach.reason, plan.write.reason, plan.rescue.reason} == {reason}
    assert not (plan.attach.possible or plan.write.possible or plan.rescue.possible)
