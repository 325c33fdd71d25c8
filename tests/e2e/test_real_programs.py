"""Real programs in a real container, through the whole dashboard, in a real terminal."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import TmuxScreen

pytestmark = [pytest.mark.real, pytest.mark.e2e]

OpenTmux = Callable[..., TmuxScreen]


@pytest.fixture
def shell(open_tmux: OpenTmux, program: str, workplace: Any) -> TmuxScreen:
    """A shell in the container, opened from the dashboard by keys."""
    screen = open_tmux(program, columns=100, lines=30)
    screen.wait_for(workplace.id[:12], "running")
    screen.keys("Enter")
    screen.wait_for("#", "100x29")
    screen.type("PS1='$ '; clear\n")
    screen.wait_until(lambda text: text.splitlines()[1:2] == ["$"], "an empty screen")
    return screen


@pytest.fixture
def vim(require_program: Callable[[str], str]) -> str:
    """The editor itself: the usual name is a link that leads out of the container."""
    return os.path.realpath(require_program("vim"))


def test_vim_edits_and_saves(shell: TmuxScreen, vim: str) -> None:
    shell.type(f"echo before; {vim} -u NONE -N /tmp/notes\n")
    shell.wait_for("/tmp/notes", "~")
    shell.type("ihello from vim")
    shell.keys("Enter")
    shell.type("second line")
    shell.wait_for("second line", "INSERT")
    shell.keys("Escape")
    shell.wait_until(lambda text: "INSERT" not in text, "normal mode")
    shell.type("kyyp")
    shell.wait_until(lambda text: text.count("hello from vim") == 2, "the copied line")
    shell.keys("C-]")
    shell.wait_for("new shell in a tab")
    shell.keys("C-]")
    shell.wait_for("E426")
    shell.type(":wq\n")
    shell.wait_until(lambda text: "before" in text and "~" not in text, "the screen of before")
    shell.type("wc -l /tmp/notes\n")
    shell.wait_for("3 /tmp/notes")


def test_htop_is_left_with_the_mouse(
    shell: TmuxScreen, require_program: Callable[[str], str]
) -> None:
    require_program("htop")
    shell.type("htop\n")
    shell.wait_for("PID", "F10", "Quit")
    column, line = shell.place_of("Quit")
    shell.click(column, line)
    shell.wait_until(lambda text: "F10" not in text and "$" in text, "the shell")
    shell.type("echo back-$((1+1))\n")
    shell.wait_for("back-2")


def test_less_is_turned_by_keys_and_by_the_wheel(
    shell: TmuxScreen, require_program: Callable[[str], str]
) -> None:
    require_program("less")
    shell.type("seq 1000 1999 > /tmp/numbers; less /tmp/numbers\n")
    shell.wait_for("1000", "1027")
    shell.keys("Space")
    shell.wait_for("1028", "1055")
    shell.wheel(5, 10, up=True)
    shell.wait_for("1025", "1052")
    shell.type("/1900\n")
    shell.wait_for("1900")
    shell.type("q")
    shell.wait_until(lambda text: "1900" not in text and "$" in text, "the screen of before")


def test_tmux_inside(shell: TmuxScreen, require_program: Callable[[str], str]) -> None:
    require_program("tmux")
    shell.type("tmux -u -f /dev/null -S /tmp/inner new -s inner\n")
    shell.wait_for("[inner]")
    shell.keys("C-b")
    shell.type("%")
    shell.wait_for("│")
    shell.type("stty size\n")
    shell.wait_for("28 49")
    shell.keys("C-b")
    shell.type("d")
    shell.wait_for("[detached (from session inner)]")
    shell.type("tmux -u -S /tmp/inner attach\n")
    shell.wait_for("28 49", "│")
    shell.type("tmux kill-server\n")
    shell.wait_for("[server exited]")


def test_the_size_is_right_after_each_of_fifty_resizes(shell: TmuxScreen) -> None:
    for number in range(50):
        columns, lines = 60 + number * 37 % 71, 12 + number * 13 % 29
        shell.resize(columns, lines)
        shell.wait_for(f"{columns}x{lines - 1}")
        shell.type(f"clear; stty size; echo done-{number}$((1-1))\n")
        text = shell.wait_for(f"done-{number}0")
        assert f"\n{lines - 1} {columns}\n" in text
