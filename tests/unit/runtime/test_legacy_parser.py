"""Reading the sessions of an old libpod."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runtime.errors import InvalidArgumentError
from runtime.model import LegacyExecSession
from runtime.protocol.legacy import parse_legacy_sessions

ID = "ab" * 32
GOOD = {"id": ID, "command": ["sh", "-c", "x"], "pid": 77}


def state(session: Any = GOOD, *, key: str = ID, **others: Any) -> bytes:
    """libpod's JSON of a container's state, as far as it matters, among what does not."""
    return json.dumps(
        {"state": 3, "pid": 12, "execSessions": {key: session}, **others}, default=str
    ).encode()


def test_the_sessions_are_found_among_the_rest() -> None:
    newer = {"cd" * 32: {"id": "cd" * 32, "state": 3, "pid": 5, "config": {}}}
    found = parse_legacy_sessions(state(newExecSessions=newer))
    assert found == [LegacyExecSession(id=ID, command=["sh", "-c", "x"], pid=77)]


@pytest.mark.parametrize("text", [b"{}", b'{"execSessions": {}}', b'{"execSessions": null}'])
def test_none_is_no_mistake(text: bytes) -> None:
    assert parse_legacy_sessions(text) == []


@pytest.mark.parametrize("pid", [0, -1, -(2**40), 2**22 + 1, 10**30, "7", None, 7.5])
def test_what_can_be_no_pid_is_refused(pid: Any) -> None:
    with pytest.raises(InvalidArgumentError):
        parse_legacy_sessions(state(GOOD | {"pid": pid}))


@pytest.mark.parametrize("name", ["", "..", "../" * 21 + "x", "AB" * 32, "é" * 64, ID + "0"])
def test_an_id_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgumentError, match="no id"):
        parse_legacy_sessions(state(GOOD | {"id": name}, key=name))


def test_an_id_must_be_that_of_its_place() -> None:
    with pytest.raises(InvalidArgumentError, match="no id"):
        parse_legacy_sessions(state(key="cd" * 32))


@pytest.mark.parametrize("command", [[], None, "sh", [1], [["sh"]]])
def test_a_command_is_words(command: Any) -> None:
    with pytest.raises(InvalidArgumentError):
        parse_legacy_sessions(state(GOOD | {"command": command}))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no JSON",
        b"[]",
        b"\xff",
        b'{"execSessions": []}',
        b'{"execSessions": {"a": 1}}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_state_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidArgumentError, match="no container state") as caught:
        parse_legacy_sessions(text)
    assert caught.value.hint
