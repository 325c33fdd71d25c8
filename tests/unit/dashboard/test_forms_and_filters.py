"""What texts a person types mean."""

from __future__ import annotations

import pytest

from app.exec_request import ExecFormValues, exec_config, find_problem
from app.filtering import matching_containers, matching_sessions
from runtime.model import ContainerInfo, ContainerState, ExecState, SessionInfo


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (ExecFormValues(""), "command"),
        (ExecFormValues("   "), "command"),
        (ExecFormValues("''"), "command"),
        (ExecFormValues("sh 'a"), "command"),
        (ExecFormValues("ls", work_dir="tmp"), "work-dir"),
        (ExecFormValues("ls", environment="A"), "environment"),
        (ExecFormValues("ls", environment="=1"), "environment"),
        (ExecFormValues("ls", environment="A=1\nB C=2"), "environment"),
    ],
)
def test_problems_name_their_field(values: ExecFormValues, field: str) -> None:
    problem = find_problem(values)
    assert problem is not None
    assert problem.field == field
    assert problem.message


def test_a_good_form() -> None:
    values = ExecFormValues(
        "sh -c 'a b'", user=" app ", work_dir=" /srv ", environment="A=1\n\n B=x=y z\nC=\n"
    )
    assert find_problem(values) is None
    config = exec_config(values)
    assert config.command == ["sh", "-c", "a b"]
    assert config.user == "app"
    assert config.work_dir == "/srv"
    assert config.environment == {"A": "1", "B": "x=y z", "C": ""}
    assert config.attach_stdin


def test_detached_attaches_nothing() -> None:
    config = exec_config(ExecFormValues("ls", terminal=False, detach=True))
    assert not (config.attach_stdin or config.attach_stdout or config.attach_stderr)
    assert not config.terminal


CONTAINER = ContainerInfo(
    id="c" * 64,
    name="Web-1",
    engine="podman",
    runtime="crun",
    root="/run/crun",
    bundle="/b",
    state=ContainerState.RUNNING,
)
SESSION = SessionInfo(
    id="ab" * 32,
    container_id=CONTAINER.id,
    container_key=CONTAINER.key,
    container_name="Web-1",
    origin="exectop",
    state=ExecState.RUNNING,
    pid=1,
    start_time=1,
    command=["tail", "-F", "log"],
    tty=True,
    user="app",
    created=0.0,
)


@pytest.mark.parametrize("text", ["", "web", "WEB crun", "cccc", "podman running"])
def test_containers_that_match(text: str) -> None:
    assert matching_containers([CONTAINER], text) == [CONTAINER]


@pytest.mark.parametrize("text", ["", "tail -F", "abab", "web app", "exectop"])
def test_sessions_that_match(text: str) -> None:
    assert matching_sessions([SESSION], text) == [SESSION]


def test_every_word_has_to_match() -> None:
    assert matching_containers([CONTAINER], "web docker") == []
    assert matching_sessions([SESSION], "tail paused") == []
