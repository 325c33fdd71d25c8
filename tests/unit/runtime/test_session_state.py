"""The table of what may be asked of a session in which state."""

from __future__ import annotations

import pytest

from runtime.errors import SessionStateError
from runtime.model import ExecState
from runtime.protocol.session_state import Verb, require

# By hand from libpod's container_exec.go, and not from the table that is tested.
EXPECTED = {
    "start": "created",
    "attach to": "running",
    "resize": "running",
    "stop": "running",
    "clean up": "created stopped",
    "remove": "created stopped",
}
CASES = [(verb, state) for verb in Verb for state in ExecState]
ALLOWED = [case for case in CASES if case[1].value in EXPECTED[case[0].value].split()]
REFUSED = [case for case in CASES if case not in ALLOWED]


def test_every_verb_is_known_here() -> None:
    assert {verb.value for verb in Verb} == set(EXPECTED)


@pytest.mark.parametrize(("verb", "state"), ALLOWED)
def test_allowed(verb: Verb, state: ExecState) -> None:
    require(verb, state, "f" * 64)


@pytest.mark.parametrize(("verb", "state"), REFUSED)
def test_refused_with_the_verb_the_state_and_the_id(verb: Verb, state: ExecState) -> None:
    with pytest.raises(SessionStateError) as caught:
        require(verb, state, "f" * 64)
    assert caught.value.message == f"cannot {verb} exec session ffffffffffff: it is {state}"
    assert caught.value.session_id == "f" * 64
    assert (caught.value.exit_code, caught.value.http_status) == (125, 409)


@pytest.mark.parametrize(
    ("verb", "state"), [case for case in REFUSED if case != (Verb.RESIZE, ExecState.STOPPED)]
)
def test_a_refusal_says_what_to_do_instead(verb: Verb, state: ExecState) -> None:
    with pytest.raises(SessionStateError) as caught:
        require(verb, state, "f")
    assert caught.value.hint
