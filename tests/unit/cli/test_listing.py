"""ps, ls and inspect: shapes, tables, and text that must not reach the terminal raw."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from runtime.model import (
    Action,
    Certainty,
    ExecState,
    Overview,
    ProcessIdentity,
    SessionActions,
    SessionProcess,
    SessionUsage,
)


def furnish(engine: Any, *sessions: Any, **changes: Any) -> None:
    engine.found = Overview(
        containers=changes.pop("containers", engine.found.containers),
        sessions=list(sessions),
        taken=1700000060.0,
        **changes,
    )


def test_ps_json(engine: Any, run: Any, make_session: Any) -> None:
    ended = make_session(2, state=ExecState.STOPPED, exit_code=0)
    known = msgspec.structs.replace(
        engine.found.containers[0],
        image="docker.io/library/nginx:1",
        labels={"com.docker.compose.project": "shop"},
        compose_project="shop",
        runtime_path="/usr/bin/crun",
        restarts=2,
    )
    sessions = (make_session(1), ended, make_session(3, container_key="another"))
    furnish(engine, *sessions, containers=[known])
    (one,) = json.loads(run("ps", "--format", "json").stdout)
    assert one == {
        "id": "a" * 64,
        "name": "web",
        "engine": "podman",
        "runtime": "crun",
        "root": "/run/crun",
        "bundle": "/b",
        "state": "running",
        "pid": 42,
        "sessions": 1,
        "created": "1970-01-01T00:16:40.000000Z",
        "demo": False,
        "image": "docker.io/library/nginx:1",
        "labels": {"com.docker.compose.project": "shop"},
        "namespace": "",
        "pod": "",
        "sandbox": False,
        "composeProject": "shop",
        "owner": 0,
        "runtimePath": "/usr/bin/crun",
        "restarting": False,
        "restarts": 2,
    }


def test_ls_json(engine: Any, run: Any, make_session: Any) -> None:
    furnish(engine, make_session(1, attached=2))
    (one,) = json.loads(run("ls", "--format", "json").stdout)
    expected = {
        "id": "1" * 64,
        "containerId": "a" * 64,
        "containerName": "web",
        "origin": "exectop",
        "state": "running",
        "pid": 101,
        "startTime": 5001,
        "command": ["sh", "-c", "echo 1"],
        "tty": True,
        "user": "",
        "created": "2023-11-14T22:13:20.250000Z",
        "exitCode": None,
        "attached": 2,
        "certainty": "certain",
        "recorded": True,
        "leftBy": "",
        "idle": None,
        "cpu": None,
        "memory": None,
        "processes": [],
    }
    assert expected.items() <= one.items()
    assert one["actions"]["attach"] == {"possible": True, "reason": ""}


def test_sessions_of_others(engine: Any, run: Any, make_session: Any) -> None:
    process = SessionProcess(
        process=ProcessIdentity(pid=7, start_time=8), command="sh", rule="leader"
    )
    no = Action(possible=False, reason="it is docker's")
    others = {
        "origin": "docker",
        "certainty": Certainty.LIKELY,
        "recorded": False,
        "left_by": "x",
        "idle": 8.5,
        "usage": SessionUsage(cpu=1.5, memory=4096),
        "tree": [process],
        "actions": SessionActions(attach=no),
    }
    furnish(engine, make_session(1), make_session(2, **others), make_session(3, origin="podman"))
    rows = run("ls").stdout.splitlines()[1:]
    assert [row.split()[2] for row in rows] == ["exectop", "docker?", "podman"]
    (one,) = json.loads(run("ls", "--origin", "docker", "--format", "json").stdout)
    expected = {
        "certainty": "likely",
        "recorded": False,
        "leftBy": "x",
        "idle": 8.5,
        "cpu": 1.5,
        "memory": 4096,
        "processes": [{"process": {"pid": 7, "startTime": 8}, "command": "sh", "rule": "leader"}],
    }
    assert expected.items() <= one.items()
    assert one["actions"]["attach"] == {"possible": False, "reason": "it is docker's"}
    chosen = run("ls", "-q", "--origin", "podman", "--origin", "exectop").stdout
    assert chosen.split() == ["1" * 12, "3" * 12]


def test_tables_have_short_ids(engine: Any, run: Any, make_session: Any) -> None:
    furnish(engine, make_session(1, command=["sleep", "x" * 90]))
    table = run("ls").stdout
    heads, row = table.splitlines()
    assert (
        heads.split()
        == "ID CONTAINER ORIGIN STATE PID TTY USER COMMAND AGE ATTACHED EXIT STUCK".split()
    )
    assert row.startswith("1" * 12 + "   web")
    assert "…" in row
    whole = run("ls", "--no-trunc").stdout
    assert "1" * 64 in whole
    assert "x" * 90 in whole
    assert run("ls", "-q").stdout == "1" * 12 + "\n"
    assert run("ls", "-q", "--no-trunc").stdout == "1" * 64 + "\n"
    assert run("ps").stdout.splitlines()[1].split()[:2] == ["a" * 12, "web"]
    assert run("ps", "-q").stdout == "a" * 12 + "\n"


def test_what_is_dated_in_the_future_has_no_negative_age(
    engine: Any, run: Any, make_session: Any
) -> None:
    furnish(engine, make_session(1, created=1_800_000_000.0))
    heads, row = run("ls").stdout.splitlines()
    assert row[heads.index("AGE") :].split()[0] == "0s"


def test_control_characters_do_not_reach_the_terminal(
    engine: Any, run: Any, make_session: Any
) -> None:
    evil = "\x1b]0;title\x07\r\n\x9b31m"
    session = make_session(1, command=[evil], user=evil, container_name=evil)
    furnish(engine, session, problems=[evil])
    done = run("ls")
    for character in "\x1b\x07\r\x9b":
        assert character not in done.output
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.startswith("exectop: warning: ")


def test_columns_stay_aligned_with_wide_names(engine: Any, run: Any, make_session: Any) -> None:
    furnish(engine, make_session(1, user="容器"), make_session(2, user="root"))
    first, second = run("ls").stdout.splitlines()[1:]
    assert first.index("sh -c") == second.index("sh -c") - 2


def test_inspect_is_a_list_with_libpods_names(engine: Any, run: Any, make_session: Any) -> None:
    furnish(engine, make_session(1))
    done = run("inspect", "1", "9")
    (one,) = json.loads(done.stdout)
    assert {"CanRemove", "ContainerID", "DetachKeys", "ExitCode", "ID", "OpenStderr"} <= set(one)
    assert {"OpenStdin", "OpenStdout", "Running", "Pid", "ProcessConfig"} <= set(one)
    assert done.exit_code == 125
    assert "no exec session '9'" in done.stderr
