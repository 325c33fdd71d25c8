"""Commands on sessions that other programs began."""

from __future__ import annotations

from typing import Any

import pytest

from app.cli.attach import _manner
from runtime.errors import SessionStateError
from runtime.model import AttachPlan, CaughtUp, Ended, ExecState, Output, Overview
from tests.unit.cli.conftest import ScriptedAttachment


@pytest.fixture
def foreign(engine: Any, make_session: Any) -> Any:
    """A session of docker's, that can only be rescued."""
    session = make_session(3, id="docker-300-4711", origin="docker", recorded=False)
    engine.found = Overview(containers=[], sessions=[session], taken=1060.0)
    engine.playing = [CaughtUp(truncated=True), Output(data=b"hello"), Ended(exit_code=5)]
    return session


def test_attach_ends_with_its_code(engine: Any, run: Any, foreign: Any) -> None:
    result = run("attach", "docker-300")
    assert result.exit_code == 5
    assert ("attach", foreign.id) in engine.calls
    assert engine.attachments[0].closed


def test_what_it_cannot_do_is_said(engine: Any, run: Any, foreign: Any, monkeypatch: Any) -> None:
    attach = engine._attachment

    def with_remark(session_id: str) -> Any:
        made = attach(session_id)
        made.remarks, made.takes_input = ("You can only watch: so it is.",), False
        return made

    monkeypatch.setattr(engine, "_attachment", with_remark)
    result = run("attach", foreign.id)
    assert result.stderr == "exectop: You can only watch: so it is.\n"
    assert engine.attachments[0].written == b""


def test_rescue_says_beforehand_what_it_does(engine: Any, run: Any, foreign: Any) -> None:
    engine.plan = AttachPlan(rescue_does=["This it does.", "That it cannot."])
    engine.failures = {"attach": SessionStateError("refused", hint="as said")}
    result = run("attach", "--rescue", foreign.id)
    assert result.exit_code == 125
    assert result.stderr.splitlines() == [
        *("exectop: This it does.", "exectop: That it cannot."),
        *("exectop: refused", "  as said"),
    ]
    assert ("attach", foreign.id, "rescue") in engine.calls


def test_the_end_of_our_input_does_not_end_its_input(make_session: Any) -> None:
    mine = make_session(4, tty=False)
    theirs = make_session(5, id="podman-1-2", origin="podman", recorded=False, tty=False)
    for session, ends in ((mine, True), (theirs, False)):
        manner = _manner(ScriptedAttachment(session.id), session, no_stdin=False, detach_keys=None)
        assert (manner.takes_input, manner.ends_input) == (True, ends)


def test_stop_and_inspect_take_its_id(engine: Any, run: Any, foreign: Any) -> None:
    result = run("stop", "-t", "0", "docker-300")
    assert (result.exit_code, result.stdout) == (0, f"{foreign.id}\n")
    assert ("stop", foreign.id, 0.0) in engine.calls
    assert run("inspect", "docker-300").exit_code == 0
    assert ("inspect", foreign.id) in engine.calls


def test_removing_one_is_refused_with_the_reason(engine: Any, run: Any, foreign: Any) -> None:
    engine.failures = {"remove": SessionStateError("not ours", hint="it goes by itself")}
    result = run("rm", "-f", foreign.id)
    assert (result.exit_code, result.stdout) == (125, "")
    assert "not ours" in result.stderr
    assert foreign.state is ExecState.RUNNING
