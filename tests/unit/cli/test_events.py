"""exectop events: what is asked of the engine, and how it is shown."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from app.cli.events import parse_since
from runtime.model import Client, Event, EventName

CLIENT = Client(uid=1000, loginuid=1000, sudo_user="", pid=77, tty="/dev/pts/3")
NOW = 1_700_000_000.0


def event(name: EventName, **changes: Any) -> Event:
    known: dict[str, Any] = {
        "time": NOW + 0.25,
        "name": name,
        "session_id": "4f0c" * 16,
        "container_id": "a" * 64,
        "container_name": "web",
        "client": CLIENT,
    }
    return Event(**{**known, **changes})


def test_json_has_all_of_it(engine: Any, run: Any) -> None:
    engine.noted = [event(EventName.DIED, exit_code=3, detail="the process has ended")]
    (one,) = json.loads(run("events", "--format", "json").stdout)
    assert one == {
        "time": "2023-11-14T22:13:20.250000Z",
        "name": "exec_died",
        "sessionId": "4f0c" * 16,
        "containerId": "a" * 64,
        "containerName": "web",
        "exitCode": 3,
        "detail": "the process has ended",
        "client": {
            "uid": 1000,
            "loginuid": 1000,
            "sudoUser": "",
            "pid": 77,
            "tty": "/dev/pts/3",
        },
    }


def test_the_table_tells_who_did_it(engine: Any, run: Any) -> None:
    sudo = Client(uid=0, loginuid=1000, sudo_user="jo", pid=78, tty="")
    engine.noted = [
        event(EventName.STOP, detail="timeout 10 s", client=sudo),
        event(EventName.DIED, exit_code=137),
        event(EventName.DIED),
    ]
    heads, stop, died, lost = run("events").stdout.splitlines()
    assert heads.split() == "TIME EVENT SESSION CONTAINER EXIT BY DETAIL".split()
    assert stop.split()[2:] == [
        "exec_stop",
        "4f0c4f0c4f0c",
        "web",
        "-",
        "jo",
        *"timeout 10 s".split(),
    ]
    assert died.split()[5:7] == ["137", "1000"]
    assert lost.split()[5] == "?"
    assert "4f0c" * 16 in run("events", "--no-trunc").stdout


def test_a_session_is_named_by_the_beginning_of_its_id(engine: Any, run: Any) -> None:
    engine.noted = [event(EventName.CREATE), event(EventName.REMOVE, session_id="9" * 64)]
    done = run("events", "4f0", "--format", "json")
    assert [each["name"] for each in json.loads(done.stdout)] == ["exec_create"]
    assert engine.calls[0] == ("events", "4f0c" * 16, None, 1000)
    done = run("events", "77")
    assert done.exit_code == 125
    assert "no exec session '77'" in done.stderr


def test_limits_are_passed_on(engine: Any, run: Any) -> None:
    run("events", "--since", "2023-11-14T22:13:20+00:00", "-n", "5")
    assert engine.calls[0] == ("events", "", NOW, 5)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("90s", NOW - 90),
        ("10m", NOW - 600),
        ("2h", NOW - 7200),
        ("7d", NOW - 7 * 86400),
        ("1w", NOW - 7 * 86400),
        ("2023-11-14T22:13:20Z", NOW),
        ("2023-11-15T00:13:20+02:00", NOW),
        ("2023-11-14", datetime.datetime(2023, 11, 14).timestamp()),
    ],
)
def test_since(text: str, since: float) -> None:
    assert parse_since(text, NOW) == since


@pytest.mark.parametrize(
    "words",
    [
        ["--since", ""],
        ["--since", "yesterday"],
        ["--since", "-5m"],
        ["--since", "5"],
        ["--since", "9" * 5000 + "s"],
        ["--since", "0001-01-01"],
        ["--since", "\u0661s"],
        ["-n", "0"],
        ["--format", "xml"],
    ],
    ids=lambda words: words[1][:12],
)
def test_wrong_use_is_told(engine: Any, run: Any, words: list[str]) -> None:
    done = run("events", *words)
    assert done.exit_code == 125
    assert done.stderr
    assert [call for call in engine.calls if call[0] == "events"] == []


def test_control_characters_do_not_reach_the_terminal(engine: Any, run: Any) -> None:
    evil = "\x1b]0;title\x07\r\n\x9b31m"
    client = Client(uid=0, loginuid=None, sudo_user=evil, pid=1, tty=evil)
    engine.noted = [event(EventName.DIED, detail=evil, container_name=evil, client=client)]
    done = run("events")
    assert not any(character in done.output for character in "\x1b\x07\r\x9b")
    assert len(done.stdout.splitlines()) == 2
