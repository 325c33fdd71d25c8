"""exec, attach, stop, cleanup, rm: what they ask of the engine, and how they end."""

from __future__ import annotations

from typing import Any

import pytest

from app.cli.exec import parse_environment
from runtime.errors import (
    CannotInvokeError,
    CommandNotFoundError,
    InvalidArgumentError,
    SessionStateError,
)
from runtime.model import CaughtUp, Ended, Overview


def names(engine: Any) -> list[str]:
    return [call[0] for call in engine.calls]


def test_exec_passes_everything_on(engine: Any, run: Any) -> None:
    words = ["-d", "-it", "-e", "A=1", "-e", "B=x=y", "-w", "/srv", "-u", "dev:staff"]
    done = run("exec", *words, "--privileged", "web", "ls", "-l", "--color")
    assert (done.exit_code, done.stdout) == (0, "f" * 64 + "\n")
    config = next(call[1] for call in engine.calls if call[0] == "create")
    assert config.command == ["ls", "-l", "--color"]
    assert (config.terminal, config.attach_stdin, config.attach_stdout) == (True, True, False)
    assert config.environment == {"A": "1", "B": "x=y"}
    assert (config.work_dir, config.user, config.privileged) == ("/srv", "dev:staff", True)
    assert config.detach_keys == "ctrl-p,ctrl-q"
    assert names(engine) == ["create", "start", "closed"]


@pytest.mark.parametrize("code", [0, 3, 137])
def test_exec_ends_with_the_commands_code(engine: Any, run: Any, code: int) -> None:
    engine.playing = [CaughtUp(), Ended(exit_code=code)]
    assert run("exec", "web", "true").exit_code == code
    assert names(engine) == ["create", "start_and_attach", "remove", "closed"]
    assert engine.attachments[0].closed


def test_a_lost_exit_code_is_our_failure(engine: Any, run: Any) -> None:
    engine.playing = [CaughtUp(), Ended(exit_code=None)]
    done = run("exec", "web", "true")
    assert done.exit_code == 125
    assert "was lost" in done.stderr


@pytest.mark.parametrize("detach", [[], ["-d"]])
@pytest.mark.parametrize(
    ("error", "code"),
    [(CommandNotFoundError("x: not found", hint="look"), 127), (CannotInvokeError("x: no"), 126)],
)
def test_a_failed_start_leaves_no_record(
    engine: Any, run: Any, error: Any, code: int, detach: list[str]
) -> None:
    engine.failures = {"start": error, "start_and_attach": error}
    done = run("exec", *detach, "web", "x")
    assert done.exit_code == code
    assert done.stderr.startswith("exectop: x: no")
    assert ("remove", "f" * 64, True) in engine.calls


def test_errors_have_a_hint_and_no_control_characters(engine: Any, run: Any) -> None:
    engine.failures = {"overview": SessionStateError("bad\x1b[31m\nthing", hint="do this")}
    done = run("ps")
    assert done.exit_code == 125
    assert done.stderr == "exectop: bad·[31m thing\n  do this\n"


def test_mistakes_of_ours_are_told_without_a_traceback(engine: Any, run: Any) -> None:
    engine.failures = {"overview": ZeroDivisionError("oh")}
    done = run("ps")
    assert done.exit_code == 125
    assert "ZeroDivisionError: oh" in done.stderr
    assert "Traceback" not in done.output


def test_ctrl_c_is_quiet(engine: Any, run: Any) -> None:
    engine.failures = {"overview": KeyboardInterrupt()}
    done = run("ps")
    assert (done.exit_code, done.stdout) == (130, "")


def test_several_sessions_are_all_tried(engine: Any, run: Any, make_session: Any) -> None:
    engine.found = Overview(containers=[], sessions=[make_session(1), make_session(2)])
    done = run("stop", "-t", "3", "1", "9", "2")
    assert done.exit_code == 125
    assert done.stdout.split() == ["1" * 64, "2" * 64]
    assert "'9'" in done.stderr
    assert engine.calls[:2] == [("stop", "1" * 64, 3.0), ("stop", "2" * 64, 3.0)]


def test_remove_and_clean_up(engine: Any, run: Any, make_session: Any) -> None:
    engine.found = Overview(containers=[], sessions=[make_session(1)])
    assert run("cleanup", "1").exit_code == 0
    assert run("rm", "-f", "1").exit_code == 0
    assert run("rm", "1").exit_code == 0
    assert engine.calls[0] == ("cleanup", "1" * 64)
    assert ("remove", "1" * 64, True) in engine.calls
    assert ("remove", "1" * 64, False) in engine.calls


def test_attach_ends_with_the_sessions_code(engine: Any, run: Any, make_session: Any) -> None:
    engine.found = Overview(containers=[], sessions=[make_session(1)])
    engine.playing = [CaughtUp(), Ended(exit_code=7)]
    assert run("attach", "--no-stdin", "1").exit_code == 7
    assert "remove" not in names(engine)


@pytest.mark.parametrize(
    "words",
    [
        ["exec", "web"],
        ["exec", "-e", "=x", "web", "true"],
        ["exec", "--detach-keys", "nonsense", "web", "true"],
        ["attach", "--detach-keys", "nonsense", "1"],
        ["stop", "-t", "-1", "1"],
        ["ls", "--format", "xml"],
        ["no-such-command"],
        ["--config", "/no/such/file", "ps"],
    ],
)
def test_wrong_use_is_125(run: Any, words: list[str]) -> None:
    done = run(*words)
    assert done.exit_code == 125
    assert done.stderr


def test_the_dashboard_needs_a_terminal(run: Any) -> None:
    done = run()
    assert done.exit_code == 125
    assert "needs a terminal" in done.stderr


def test_every_command_teaches_by_examples(run: Any) -> None:
    commands = ["ps", "ls", "exec", "attach", "inspect", "stop", "cleanup", "rm", "events", "demo"]
    listed = run("--help").stdout
    for command in commands:
        assert f"\n  {command} " in listed
        assert "Example" in run(command, "--help").stdout


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "1")
    monkeypatch.delenv("NONE", raising=False)
    assert parse_environment(("A=", "OURS", "NONE", "B=c d")) == {"A": "", "OURS": "1", "B": "c d"}
    with pytest.raises(InvalidArgumentError):
        parse_environment(("=x",))
