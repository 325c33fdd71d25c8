"""The main job from end to end: the real program in a real terminal, on real containers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import TmuxScreen

pytestmark = [pytest.mark.real, pytest.mark.e2e]


def _sessions(program: str) -> list[dict[str, Any]]:
    said = subprocess.run(
        f"{program} ls --format json", shell=True, check=True, capture_output=True
    )
    sessions: list[dict[str, Any]] = json.loads(said.stdout)
    return sessions


def test_a_shell_is_opened_resized_left_come_back_to_and_stopped(
    open_tmux: Callable[..., TmuxScreen], program: str, container: Any
) -> None:
    screen = open_tmux(program, columns=100, lines=30)
    screen.wait_for(container.id, "running")

    screen.keys("Enter")
    screen.wait_for("/ #")
    screen.type("echo typed-$((40+2))")
    screen.wait_for("echo typed-")
    screen.keys("Enter")
    screen.wait_for("typed-42")

    screen.type("stty size\n")
    screen.wait_for("29 100")
    screen.resize(132, 40)
    screen.wait_for("132x39")
    screen.type("stty size\n")
    screen.wait_for("39 132")
    screen.resize(80, 24)
    screen.wait_for("80x23")
    screen.type("stty size\n")
    screen.wait_for("23 80", "typed-42")

    screen.keys("C-p", "C-q")
    screen.wait_until(lambda text: "sessions" in text and "typed-42" not in text, "the lists")
    (session,) = _sessions(program)
    assert (session["state"], session["tty"], session["exitCode"]) == ("running", True, None)

    screen.keys("Tab")
    screen.keys("a")
    screen.wait_for("typed-42", "23 80", "/ #")
    screen.type("echo back-$((1+1))\n")
    screen.wait_for("back-2")

    screen.keys("C-p", "C-q")
    screen.wait_until(lambda text: "back-2" not in text, "the lists")
    screen.keys("x")
    screen.wait_until(lambda text: "stopped" in text or "exited" in text, "the session's end")
    (session,) = _sessions(program)
    assert session["state"] == "stopped"
    assert session["exitCode"] is not None

    screen.keys("q")
    screen.wait_program_ended()
    assert container.init.pid > 0
