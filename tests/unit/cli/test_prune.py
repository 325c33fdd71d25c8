"""exectop prune and ls --stuck: what is asked of the engine, what is said, the exit codes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.durations import parse_duration
from runtime.errors import InvalidArgumentError, NoSuchSessionError, StateError
from runtime.model import Certainty, Overview, Pruned, Remedy, Stuck, StuckReason

GONE = Stuck(
    reason=StuckReason.CLIENT_GONE,
    remedy=Remedy.STOP,
    certainty=Certainty.CERTAIN,
    detail="its client is gone",
)
PERHAPS = Stuck(
    reason=StuckReason.ZOMBIE, remedy=Remedy.WAIT, certainty=Certainty.LIKELY, detail="it ended"
)


@pytest.fixture
def sessions(engine: Any, make_session: Any) -> list[Any]:
    """A healthy one, a stuck one of docker's, and one that may be stuck."""
    made = [
        make_session(1),
        make_session(2, stuck=[GONE], origin="docker"),
        make_session(3, stuck=[PERHAPS], origin="podman", container_name="db"),
    ]
    engine.found = Overview(containers=[], sessions=made, taken=1700000060.0)
    return made


def pruned(engine: Any) -> list[str]:
    return [call[1][0] for call in engine.calls if call[0] == "prune"]


def test_what_is_certain_is_done_and_the_rest_refused(
    engine: Any, run: Any, sessions: list[Any]
) -> None:
    result = run("prune")
    assert result.exit_code == 0
    assert pruned(engine) == ["2"]
    done, refused = result.stdout.splitlines()
    assert done == (
        "222222222222 (docker, web: sh -c 'echo 1'): stopped: client-gone: its client is gone"
    )
    assert refused.startswith("333333333333 (podman, db")
    assert refused.endswith("refused (zombie): it is not certain: it ended")


def test_a_dry_run_does_nothing(engine: Any, run: Any, sessions: list[Any]) -> None:
    result = run("prune", "--dry-run")
    assert result.exit_code == 0
    assert pruned(engine) == []
    assert ": would stop: client-gone: " in result.stdout


def test_json_tells_the_same(engine: Any, run: Any, sessions: list[Any]) -> None:
    first, second = json.loads(run("prune", "--format", "json").stdout)
    assert first == {
        "id": "2" * 64,
        "containerName": "web",
        "origin": "docker",
        "command": ["sh", "-c", "echo 1"],
        "stuck": [
            {
                "reason": "client-gone",
                "remedy": "stop",
                "certainty": "certain",
                "detail": "its client is gone",
            }
        ],
        "done": ["stop"],
        "refused": "",
        "error": "",
        "exitCode": None,
    }
    assert (second["done"], second["refused"]) == ([], "it is not certain: it ended")


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        (("--origin", "podman"), ["3"]),
        (("--origin", "podman", "--origin", "docker"), ["2", "3"]),
        (("--container", "db"), ["3"]),
        (("--container", "aaa"), ["2", "3"]),
        (("--container", ""), []),
        (("--origin", "runc"), []),
    ],
)
def test_only_what_is_meant(
    engine: Any, run: Any, sessions: list[Any], words: tuple[str, ...], listed: list[str]
) -> None:
    found = json.loads(run("prune", "-n", "--format", "json", *words).stdout)
    assert [each["id"][0] for each in found] == listed


def test_the_limit_reaches_the_engine(engine: Any, run: Any, sessions: list[Any]) -> None:
    assert run("prune", "--idle", "8h").exit_code == 0
    assert ("sessions", 8 * 3600.0) in engine.calls
    assert ("prune", "2" * 64, 8 * 3600.0) in engine.calls
    refused = run("prune", "--idle", "soon")
    assert refused.exit_code == 125
    assert "write it as 30s, 10m, 8h or 2d" in refused.stderr


def test_one_that_is_gone_meanwhile_is_no_failure(
    engine: Any, run: Any, sessions: list[Any]
) -> None:
    engine.failures["prune"] = NoSuchSessionError("gone")
    result = run("prune")
    assert result.exit_code == 0
    assert "it has ended meanwhile" in result.stdout


def test_a_failure_is_told_and_ends_with_125(
    engine: Any, run: Any, sessions: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(session_id: str, *, idle_limit: float | None) -> Pruned:
        return Pruned(
            session_id=session_id,
            container_name="web",
            origin="docker",
            command=["sh"],
            stuck=[GONE],
            error="processes outlived SIGKILL",
        )

    monkeypatch.setattr(engine, "exec_prune", fail)
    result = run("prune")
    assert result.exit_code == 125
    assert "failed: processes outlived SIGKILL" in result.stdout


def test_our_own_trouble_ends_with_125(engine: Any, run: Any, sessions: list[Any]) -> None:
    engine.failures["sessions"] = StateError("no state")
    assert run("prune").exit_code == 125


def test_ls_says_why(run: Any, sessions: list[Any]) -> None:
    lines = run("ls", "--stuck").stdout.splitlines()
    assert [line.split()[-1] for line in lines] == ["STUCK", "client-gone", "zombie?"]
    assert len(run("ls").stdout.splitlines()) == 4
    found = json.loads(run("ls", "--format", "json").stdout)
    assert found[0]["stuck"] == []
    assert found[1]["stuck"][0]["reason"] == "client-gone"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("10m", 600), ("8h", 28800), ("2d", 172800), ("1h30m", 5400), ("0", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "8", "h", "8 h", "-1h", "8hours", "1h x", "9" * 400 + "d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InvalidArgumentError, match="not a length of time"):
        parse_duration(text)
