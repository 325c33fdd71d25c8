"""Several terminals at once, the clipboard and colours, in a real terminal on a real container."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import TmuxScreen

pytestmark = [pytest.mark.real, pytest.mark.e2e]

OpenTmux = Callable[..., TmuxScreen]


@pytest.fixture
def shell(open_tmux: OpenTmux, program: str, make_container: Any) -> TmuxScreen:
    """A shell in a container, opened from the dashboard by keys."""
    container = make_container("runc")
    screen = open_tmux(program, columns=120, lines=30)
    screen.wait_for(container.id[:12], "running")
    screen.keys("Enter")
    screen.wait_for("/ #", "120x29")
    return screen


def more(screen: TmuxScreen, key: str, shown: str) -> None:
    """A command after the prefix key."""
    screen.keys("C-]")
    screen.wait_for("new shell in a tab")
    screen.type(key)
    screen.wait_until(lambda text: shown in text and "new shell in a tab" not in text, shown)


def test_side_by_side_each_has_its_own_size(shell: TmuxScreen) -> None:
    more(shell, "%", "59x28")
    shell.type("stty size\n")
    shell.wait_for("28 59")
    more(shell, '"', "59x14")
    shell.type("stty size\n")
    shell.wait_for("14 59")
    more(shell, "h", "59x14")
    shell.type("stty size\n")
    shell.wait_for("28 60")
    more(shell, "z", "zoomed")
    shell.type("stty size\n")
    shell.wait_for("29 120")


def test_typing_goes_on_while_another_tab_prints_without_end(shell: TmuxScreen) -> None:
    shell.type("while :; do seq 1 100000; done\n")
    shell.wait_until(lambda text: re.search(r"\n\d{5}\n", text) is not None, "the flood")
    more(shell, "c", "2 xt-")
    shell.wait_until(lambda text: "•" in text and "/ #" in text, "a second shell")
    for number in range(20):
        shell.type(f"echo $(({number}+1000))\n")
        shell.wait_for(f"\n{number + 1000}\n")
    more(shell, "1", "2 xt-")
    shell.keys("C-c")
    shell.wait_until(lambda text: text.rstrip().endswith("#"), "the end of the flood")


def test_input_is_broadcast_to_marked_terminals(shell: TmuxScreen) -> None:
    more(shell, "%", "59x28")
    more(shell, "M", "◆")
    more(shell, "b", "typing into 2 terminals")
    shell.type("echo all-$((40+2))\n")
    shell.wait_until(lambda text: text.count("all-42") == 2, "both answers")
    more(shell, "b", "◆")
    shell.type("echo one-$((40+3))\n")
    text = shell.wait_for("one-43")
    assert text.count("one-43") == 1


def test_copied_text_reaches_the_clipboard_of_the_terminal_around(shell: TmuxScreen) -> None:
    shell.tmux("set-option", "-g", "set-clipboard", "on")
    shell.type("clear; echo to-be-$((1+1))-copied\n")
    shell.wait_for("to-be-2-copied")
    more(shell, "/", "search")
    shell.type("to-be-2")
    shell.wait_for("1 of 1")
    shell.keys("Enter")
    shell.wait_until(lambda text: " search  to" not in text, "the end of the prompt")
    shell.type("v$y")
    shell.wait_for("copied 14 characters")
    assert shell.tmux("show-buffer") == "to-be-2-copied"
    shell.wait_until(lambda text: "y copy" not in text, "the end of copy mode")

    column, line = shell.place_of("to-be-2")
    shell.drag((column, line), (column + 6, line))
    shell.wait_for("copied 7 characters")
    assert shell.tmux("show-buffer") == "to-be-2"


def test_what_was_open_is_there_again_from_the_lists(shell: TmuxScreen) -> None:
    shell.type("echo mark-$((1+1))\n")
    shell.wait_for("mark-2")
    more(shell, "w", "sessions")
    shell.wait_for("terminals")
    shell.type("t")
    shell.wait_for("mark-2")
    shell.type("echo back-$((1+1))\n")
    shell.wait_for("back-2")


def test_no_color_leaves_only_the_colours_of_the_programs(
    open_tmux: OpenTmux, program: str, make_container: Any
) -> None:
    container = make_container("runc")
    screen = open_tmux(f"NO_COLOR=1 {program}", columns=120, lines=30)
    screen.wait_for(container.id[:12], "running")
    assert not re.search(r"\x1b\[[0-9;]*[34]8[;:]", screen.text_with_colours())
    screen.keys("Enter")
    screen.wait_for("/ #")
    screen.type("printf '\\033[38;5;208mred%s\\033[m\\n' -dish\n")
    screen.wait_for("red-dish")
    coloured = screen.text_with_colours()
    assert re.findall(r"\x1b\[[0-9;:]*[34]8[;:][0-9;:]*m", coloured) == ["\x1b[38;5;208m"]
