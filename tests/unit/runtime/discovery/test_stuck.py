"""The rules for stuck sessions: one row a rule, and what makes each of them hold no more."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.discovery.docker_clients import ClientFate
from runtime.discovery.stuck import RULES, Facts, judge
from runtime.model import (
    Action,
    Certainty,
    ExecState,
    Remedy,
    SessionActions,
    SessionInfo,
    StuckReason,
)
from runtime.sessions.pruning import plan

CERTAIN, LIKELY, UNKNOWN = Certainty.CERTAIN, Certainty.LIKELY, Certainty.UNKNOWN
RUNNING, STOPPED = {"state": ExecState.RUNNING}, {"state": ExecState.STOPPED}
RECORDED = {"recorded": True}
ENDED = {**STOPPED, **RECORDED, "pid": 0, "started": 1.0}
LEFT = {**STOPPED, **RECORDED, "monitor_alive": False}

TABLE: list[tuple[dict[str, Any], dict[str, Any], StuckReason, Remedy, Certainty]] = [
    ({}, {"client": ClientFate.GONE}, StuckReason.CLIENT_GONE, Remedy.STOP, CERTAIN),
    ({}, {"client": ClientFate.LEFT}, StuckReason.CLIENT_GONE, Remedy.STOP, LIKELY),
    ({}, {"client": ClientFate.CUT_OFF}, StuckReason.CLIENT_GONE, Remedy.STOP, LIKELY),
    ({}, {"client": ClientFate.HIDDEN}, StuckReason.CLIENT_GONE, Remedy.STOP, UNKNOWN),
    ({"idle": 60.0}, {}, StuckReason.IDLE, Remedy.STOP, CERTAIN),
    ({"idle": 61.0, "attached": 1}, {}, StuckReason.IDLE, Remedy.STOP, CERTAIN),
    ({"idle": 61.0}, {"busy": True}, StuckReason.IDLE, Remedy.STOP, LIKELY),
    ({}, {"leader_state": "Z"}, StuckReason.ZOMBIE, Remedy.WAIT, LIKELY),
    (
        {},
        {"leader_state": "Z", "monitor_state": "T"},
        StuckReason.ZOMBIE,
        Remedy.RESUME_MONITOR,
        CERTAIN,
    ),
    ({}, {"leader_state": "T"}, StuckReason.SUSPENDED, Remedy.STOP, CERTAIN),
    ({"attached": 1}, {"leader_state": "T"}, StuckReason.SUSPENDED, Remedy.STOP, LIKELY),
    (
        {},
        {"leader_state": "T", "client": ClientFate.PRESENT},
        StuckReason.SUSPENDED,
        Remedy.STOP,
        LIKELY,
    ),
    ({}, {"leader_state": "D"}, StuckReason.UNINTERRUPTIBLE, Remedy.WAIT, LIKELY),
    ({"monitor_alive": False}, {}, StuckReason.MONITOR_DIED, Remedy.STOP, CERTAIN),
    (LEFT, {}, StuckReason.MONITOR_DIED, Remedy.STOP, CERTAIN),
    (ENDED, {}, StuckReason.EXIT_NOT_RECORDED, Remedy.REMOVE, CERTAIN),
    ({}, {"terminal_gone": True}, StuckReason.TERMINAL_GONE, Remedy.STOP, CERTAIN),
    (
        STOPPED,
        {"asleep": 9.0, "mendable": True},
        StuckReason.EXIT_DELAY,
        Remedy.END_DELAY,
        CERTAIN,
    ),
    (STOPPED, {"asleep": 9.0}, StuckReason.EXIT_DELAY, Remedy.WAIT, CERTAIN),
    (
        STOPPED,
        {"stale": True, "mendable": True},
        StuckReason.STALE_RECORD,
        Remedy.MEND_RECORD,
        CERTAIN,
    ),
    (STOPPED, {"stale": True, "reused": True}, StuckReason.STALE_RECORD, Remedy.WAIT, CERTAIN),
]

HEALTHY: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"attached": 1, "idle": 59.9}, {"leader_state": "S", "client": ClientFate.PRESENT}),
    ({"attached": 1}, {"client": ClientFate.GONE}),  # by others: a viewer is there
    ({}, {"client": ClientFate.UNKNOWN, "leader_state": "R", "busy": True}),
    ({}, {"leader_state": "D", "frozen": True}),
    ({}, {"leader_state": "t"}),
    (STOPPED, {"client": ClientFate.GONE}),
    ({**STOPPED, "idle": 99.0}, {}),
    ({**ENDED, "exit_code": 0}, {}),
    ({**ENDED, "started": None}, {}),
    ({**RECORDED, "state": ExecState.CREATED, "pid": 0}, {}),
]


def session(**changes: Any) -> SessionInfo:
    known: dict[str, Any] = {
        "id": "a" * 64,
        "container_id": "c",
        "container_key": "k",
        "container_name": "web",
        "origin": "podman",
        "state": ExecState.RUNNING,
        "pid": 9,
        "start_time": 1,
        "command": ["sh"],
        "tty": True,
        "user": "",
        "created": 1.0,
        "recorded": False,
    }
    return SessionInfo(**{**known, **changes})


@pytest.mark.parametrize(("changes", "facts", "reason", "remedy", "certainty"), TABLE)
def test_each_rule(
    changes: dict[str, Any],
    facts: dict[str, Any],
    reason: StuckReason,
    remedy: Remedy,
    certainty: Certainty,
) -> None:
    (found,) = judge(session(**changes), Facts(**facts), 60.0)
    assert (found.reason, found.remedy, found.certainty) == (reason, remedy, certainty)
    assert found.detail


def test_every_reason_has_a_rule() -> None:
    assert {row[2] for row in TABLE} == set(StuckReason)
    assert len(RULES) == len(StuckReason)


@pytest.mark.parametrize(("changes", "facts"), HEALTHY)
def test_what_is_healthy(changes: dict[str, Any], facts: dict[str, Any]) -> None:
    assert judge(session(**changes), Facts(**facts), 60.0) == []


def test_without_a_limit_nothing_is_idle() -> None:
    assert judge(session(idle=1e9), Facts()) == []


def test_nothing_is_surer_than_the_session_itself() -> None:
    (found,) = judge(session(certainty=LIKELY), Facts(leader_state="T"))
    assert found.certainty is LIKELY


@pytest.mark.parametrize(
    ("attach", "rescue", "said"),
    [
        (False, False, "nobody can come back to it"),
        (False, True, "only `exectop attach --rescue` can come back to it"),
        (True, True, "only `exectop attach --rescue` can type into it"),
        (True, False, "its input is closed: whoever comes back only sees what it prints"),
    ],
)
def test_who_can_come_back_is_said(attach: bool, rescue: bool, said: str) -> None:
    known = SessionActions(attach=Action(possible=attach), rescue=Action(possible=rescue))
    gone = Facts(client=ClientFate.GONE)
    (found,) = judge(session(actions=known), gone)
    assert found.detail.endswith(said)


def planned(changes: dict[str, Any], facts: dict[str, Any]) -> tuple[list[Remedy], str]:
    known = session(**changes)
    found = plan(session(**changes, stuck=judge(known, Facts(**facts), 60.0)))
    return found.done, found.refused


@pytest.mark.parametrize(("changes", "facts", "reason", "remedy", "certainty"), TABLE)
def test_only_what_is_certain_is_done(
    changes: dict[str, Any],
    facts: dict[str, Any],
    reason: StuckReason,
    remedy: Remedy,
    certainty: Certainty,
) -> None:
    done, refused = planned(changes, facts)
    if certainty is CERTAIN and remedy is not Remedy.WAIT:
        assert (done[0], refused) == (remedy, "")
    elif certainty is CERTAIN:
        assert done == []
        assert refused.startswith("nothing can be done but wait: ")
    else:
        assert done == []
        assert refused.startswith("it is not certain: ")


def test_a_record_that_tells_no_exit_code_goes_with_its_process() -> None:
    assert planned(LEFT, {})[0] == [Remedy.STOP, Remedy.REMOVE]
    assert planned({"monitor_alive": False}, {})[0] == [Remedy.STOP]


def test_of_several_remedies_stopping_is_enough() -> None:
    facts = {"client": ClientFate.GONE, "leader_state": "Z", "monitor_state": "T"}
    assert planned({}, facts) == ([Remedy.STOP], "")


def test_what_is_another_user_s_is_refused() -> None:
    no = SessionActions(stop=Action(possible=False, reason="it is another user's"))
    assert planned({"actions": no}, {"leader_state": "T"}) == ([], "it is another user's")


def test_what_is_healthy_is_refused() -> None:
    assert planned({}, {}) == ([], "nothing is the matter with it")
