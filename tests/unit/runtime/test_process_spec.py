"""The process spec of a session, made from the container's own."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from runtime.model import ExecConfig, TerminalSize
from runtime.protocol.passwd import ExecUser
from runtime.protocol.process_spec import process_spec

BASE: dict[str, Any] = {
    "terminal": True,
    "consoleSize": {"height": 1, "width": 2},
    "user": {"uid": 1000, "gid": 1001, "additionalGids": [5], "umask": 18},
    "args": ["init"],
    "commandLine": "init.exe",
    "env": ["PATH=/bin", "LANG=C", "EMPTY=", "BARE", "EQUALS=a=b"],
    "cwd": "/srv",
    "capabilities": {
        "bounding": ["CAP_CHOWN", "CAP_KILL"],
        "effective": ["CAP_KILL"],
        "permitted": ["CAP_KILL", "CAP_CHOWN"],
        "inheritable": ["CAP_CHOWN"],
        "ambient": ["CAP_CHOWN"],
    },
    "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 64, "soft": 64}],
    "noNewPrivileges": True,
    "apparmorProfile": "containers-default",
    "selinuxLabel": "system_u:system_r:container_t:s0",
    "oomScoreAdj": 100,
    "ioPriority": {"class": "IOPRIO_CLASS_IDLE", "priority": 4},
    "scheduler": {"policy": "SCHED_BATCH"},
    "somethingNew": {"deep": [1]},
}
EVERYTHING = ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN"]
ROOT = ExecUser(uid=0, gid=0, groups=[1], home="/root")
SAME = ExecUser(uid=1000, gid=1001, groups=[5], home="/home/same")
OTHER = ExecUser(uid=7, gid=8, groups=[9, 10], home="/home/other")


def spec(
    runs_as: ExecUser = SAME, /, size: TerminalSize | None = None, **config: Any
) -> dict[str, Any]:
    asked = ExecConfig(**{"command": ["sh"], **config})
    return process_spec(BASE, asked, runs_as, EVERYTHING, size)


@pytest.mark.parametrize("user", [ROOT, SAME, OTHER])
@pytest.mark.parametrize("privileged", [False, True])
def test_capabilities(user: ExecUser, privileged: bool) -> None:
    bounding = EVERYTHING if privileged else ["CAP_CHOWN", "CAP_KILL"]
    found = spec(user, privileged=privileged, user=str(user.uid))["capabilities"]
    own = {ROOT.uid: bounding, SAME.uid: ["CAP_KILL"], OTHER.uid: []}[user.uid]
    kept = ["CAP_KILL"] if user is SAME else []
    assert found["bounding"] == bounding
    assert found["effective"] == own
    assert found["permitted"] == own
    assert found["inheritable"] == kept
    assert found.get("ambient", []) == kept


def test_a_container_without_capabilities_gives_none() -> None:
    for user in (ROOT, SAME, OTHER):
        made = process_spec({}, ExecConfig(command=["sh"]), user, EVERYTHING)
        assert not any(made["capabilities"].values())


def test_a_container_that_names_no_user_runs_as_root() -> None:
    base = {"capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_CHOWN"]}}
    made = process_spec(base, ExecConfig(command=["sh"]), ROOT, EVERYTHING)
    assert made["capabilities"]["effective"] == ["CAP_KILL"]


def test_everything_else_survives() -> None:
    made = spec(OTHER, user="other", privileged=True, terminal=True)
    for name in (
        "rlimits noNewPrivileges apparmorProfile selinuxLabel oomScoreAdj ioPriority scheduler "
        "somethingNew"
    ).split():
        assert made[name] == BASE[name]


def test_the_container_s_own_spec_is_not_changed() -> None:
    before = copy.deepcopy(BASE)
    made = spec(OTHER, user="other", environment={"A": "b"}, work_dir="/x", terminal=True)
    made["env"].append("X=y")
    for names in made["capabilities"].values():
        names.append("CAP_MORE")
    assert before == BASE


def test_the_command_is_taken_as_it_is() -> None:
    made = spec(command=["sh", "-c", "a b", ""])
    assert made["args"] == ["sh", "-c", "a b", ""]
    assert "commandLine" not in made


def test_environment_is_the_container_s_then_the_session_s() -> None:
    made = spec(environment={"LANG": "de", "NEW": "1"})
    assert made["env"] == [
        "PATH=/bin",
        "LANG=de",
        "EMPTY=",
        "BARE=",
        "EQUALS=a=b",
        "NEW=1",
        "HOME=/home/same",
    ]


def test_later_entries_of_the_container_win() -> None:
    base = {"env": ["A=1", "B=2", "A=3"]}
    assert process_spec(base, ExecConfig(command=["sh"]), ROOT, [])["env"] == [
        "A=3",
        "B=2",
        "HOME=/root",
    ]


def test_home_is_the_user_s_unless_it_is_set() -> None:
    assert "HOME=/home/other" in spec(OTHER, user="7")["env"]
    assert "HOME=/mine" in spec(OTHER, environment={"HOME": "/mine"})["env"]
    base = {"env": ["HOME=/fixed"]}
    assert process_spec(base, ExecConfig(command=["sh"]), ROOT, [])["env"] == ["HOME=/fixed"]


def test_term_is_set_for_a_terminal_only_and_only_where_nobody_set_it() -> None:
    assert "TERM=xterm-256color" in spec(terminal=True)["env"]
    assert not [each for each in spec(terminal=False)["env"] if each.startswith("TERM=")]
    assert "TERM=vt100" in spec(terminal=True, environment={"TERM": "vt100"})["env"]
    base = {"env": ["TERM=linux"]}
    made = process_spec(base, ExecConfig(command=["sh"], terminal=True), ROOT, [])
    assert "TERM=linux" in made["env"]


@pytest.mark.parametrize(
    ("base", "asked", "expected"),
    [
        ({"cwd": "/srv"}, "", "/srv"),
        ({"cwd": "/srv"}, "/tmp", "/tmp"),
        ({"cwd": ""}, "", "/"),
        ({}, "", "/"),
    ],
)
def test_working_directory(base: dict[str, Any], asked: str, expected: str) -> None:
    config = ExecConfig(command=["sh"], work_dir=asked)
    assert process_spec(base, config, ROOT, [])["cwd"] == expected


def test_the_console_has_the_size_asked_for_and_never_the_container_s() -> None:
    size = TerminalSize(rows=40, columns=132)
    assert spec(terminal=True, size=size)["consoleSize"] == {"height": 40, "width": 132}
    assert "consoleSize" not in spec(terminal=True)
    assert "consoleSize" not in spec(terminal=False, size=size)


@pytest.mark.parametrize("terminal", [True, False])
def test_the_terminal_is_the_session_s(terminal: bool) -> None:
    assert spec(terminal=terminal)["terminal"] is terminal


def test_the_container_s_user_is_kept_where_none_is_asked_for() -> None:
    assert spec()["user"] == BASE["user"]


def test_a_user_asked_for_keeps_the_umask_only() -> None:
    made = spec(OTHER, user="other")["user"]
    assert made == {"uid": 7, "gid": 8, "additionalGids": [9, 10], "umask": 18}
    base = {"user": {"uid": 0, "gid": 0}}
    config = ExecConfig(command=["sh"], user="other")
    assert "umask" not in process_spec(base, config, OTHER, [])["user"]
