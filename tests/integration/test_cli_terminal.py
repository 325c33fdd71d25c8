"""exectop exec -it and attach in a real pseudo-terminal: size, keys, leaving, coming back."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from app.demo.launch import LaunchedContainer

Exectop = Callable[..., subprocess.CompletedProcess[bytes]]
OpenTerminal = Callable[..., Any]

LEAVE = b"\x10\x11"


def only_session(exectop: Exectop) -> dict[str, Any]:
    (session,) = json.loads(exectop("ls", "--format", "json").stdout)
    return dict(session)


def remove(exectop: Exectop, session: dict[str, Any]) -> None:
    """Stop and remove a shell; it ignores TERM, so there is no point in waiting."""
    assert exectop("stop", "-t", "0", session["id"]).returncode == 0
    assert exectop("rm", session["id"]).returncode == 0


@pytest.fixture
def shell(in_terminal: OpenTerminal, container: LaunchedContainer) -> Any:
    """A shell in the container, in a terminal of 31 by 97."""
    terminal = in_terminal("exec", "-it", container.id, "sh", rows=31, columns=97)
    terminal.wait_for(b"# ")
    return terminal


def test_size_is_there_from_the_first_moment_and_follows(
    in_terminal: OpenTerminal, container: LaunchedContainer
) -> None:
    # crun's child may run ahead of its parent, which sets the size; runc's waits for it.
    look = (
        "stty size" if container.runtime == "runc" else "until stty size 2>&- | grep .; do :; done"
    )
    terminal = in_terminal(
        *("exec", "-it", container.id, "sh", "-c"),
        f"{look}; trap 'stty size; exit 4' WINCH; echo ready; while :; do sleep 0.05; done",
        rows=31,
        columns=97,
    )
    terminal.wait_for(b"31 97\r\nready\r\n")
    for columns in range(100, 120):
        terminal.resize(40, columns)
    terminal.resize(41, 120)
    terminal.wait_for(b"\r\n")
    assert terminal.wait_exit() == 4


def test_resizing_ends_at_the_newest_size(shell: Any) -> None:
    for columns in range(100, 130):
        shell.resize(40, columns)
    shell.type(b"while [ \"$(stty size)\" != '40 129' ]; do sleep 0.05; done; echo reached-$?\r")
    shell.wait_for(b"reached-0")


def test_modes_are_put_back_at_the_end(shell: Any) -> None:
    assert shell.modes != shell.before
    shell.type(b"exit 6\r")
    assert shell.wait_exit() == 6
    assert shell.modes == shell.before


def test_every_key_reaches_the_program(
    in_terminal: OpenTerminal, container: LaunchedContainer
) -> None:
    keys = bytes(number for number in range(1, 32) if number != 0x10)
    script = f"stty raw -echo; echo ready; head -c {len(keys) + 1} | od -An -tx1 -v | tr -d ' \\n'"
    terminal = in_terminal("exec", "-it", container.id, "sh", "-c", script)
    terminal.wait_for(b"ready")
    terminal.type(keys)
    terminal.type(b"\x10")  # held back for a moment, then delivered
    terminal.wait_for(keys.hex().encode() + b"10")
    assert terminal.wait_exit() == 0


def test_leaving_and_coming_back(
    shell: Any, in_terminal: OpenTerminal, exectop: Exectop, container: LaunchedContainer
) -> None:
    shell.type(b"echo a-word-$((40 + 2))\r")
    shell.wait_for(b"a-word-42\r\n")
    shell.type(LEAVE)
    assert shell.wait_exit() == 0
    assert b"exectop attach" in shell.seen
    assert shell.modes == shell.before
    session = only_session(exectop)
    assert (session["state"], session["attached"], session["tty"]) == ("running", 0, True)

    again = in_terminal("attach", session["id"][:12], rows=20, columns=70)
    again.wait_for(b"a-word-42")
    again.type(b"until [ \"$(stty size)\" = '20 70' ]; do sleep 0.05; done; echo size-$?\r")
    again.wait_for(b"size-0")
    assert only_session(exectop)["attached"] == 1
    again.type(b"exit 9\r")
    assert again.wait_exit() == 9
    assert only_session(exectop)["exitCode"] == 9
    assert exectop("rm", session["id"]).returncode == 0


def test_killed_and_come_back_to(shell: Any, in_terminal: OpenTerminal, exectop: Exectop) -> None:
    shell.type(b"echo before-$((1 + 1))\r")
    shell.wait_for(b"before-2\r\n")
    shell.process.kill()
    shell.wait_exit()
    session = only_session(exectop)
    assert session["state"] == "running"
    again = in_terminal("attach", session["id"])
    again.wait_for(b"before-2")
    again.type(b"echo after-$((2 + 1))\r")
    again.wait_for(b"after-3\r\n")
    again.type(LEAVE)
    assert again.wait_exit() == 0
    remove(exectop, session)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_shell_outlives_the_program(shell: Any, exectop: Exectop, number: signal.Signals) -> None:
    shell.process.send_signal(number)
    assert shell.wait_exit() == 128 + number
    assert shell.modes == shell.before
    session = only_session(exectop)
    assert session["state"] == "running"
    remove(exectop, session)


def test_a_shell_outlives_its_window(
    shell: Any, in_terminal: OpenTerminal, exectop: Exectop
) -> None:
    shell.type(b"echo before-$((1 + 1))\r")
    shell.wait_for(b"before-2\r\n")
    assert shell.hang_up() in (128 + signal.SIGHUP, 141)
    session = only_session(exectop)
    assert (session["state"], session["monitorAlive"]) == ("running", True)
    again = in_terminal("attach", session["id"])
    again.wait_for(b"before-2")
    again.type(b"exit 8\r")
    assert again.wait_exit() == 8
    assert exectop("rm", session["id"]).returncode == 0


def test_two_watch_one_session(shell: Any, in_terminal: OpenTerminal, exectop: Exectop) -> None:
    session = only_session(exectop)
    watching = in_terminal("attach", "--no-stdin", session["id"], rows=31, columns=97)
    watching.wait_for(b"/ #")
    shell.type(b"echo both-$((1 + 1))\r")
    shell.wait_for(b"both-2\r\n")
    watching.wait_for(b"both-2\r\n")
    watching.type(b"ignored")
    assert only_session(exectop)["attached"] == 2
    shell.type(b"exit 3\r")
    assert shell.wait_exit() == 3
    assert watching.wait_exit() == 3
    assert b"ignored" not in watching.seen + shell.seen


def test_who_only_watches_can_leave(
    shell: Any, in_terminal: OpenTerminal, exectop: Exectop
) -> None:
    session = only_session(exectop)
    for keys, code in ((LEAVE, 0), (b"\x03", 130)):
        watching = in_terminal("attach", "--no-stdin", session["id"])
        watching.wait_for(b"/ #")
        watching.type(keys)
        assert watching.wait_exit() == code
        assert watching.modes == watching.before
    shell.type(b"exit\r")
    assert shell.wait_exit() == 0


def test_ctrl_c_without_a_terminal_inside_ends_the_command(
    in_terminal: OpenTerminal, exectop: Exectop, container: LaunchedContainer
) -> None:
    terminal = in_terminal("exec", container.id, "sh", "-c", "echo up; exec sleep 1000")
    terminal.wait_for(b"up")
    terminal.type(b"\x03")
    assert terminal.wait_exit() == 130
    assert b"Traceback" not in terminal.seen
    assert json.loads(exectop("ls", "--format", "json").stdout) == []


def test_stopping_shows_its_progress_in_a_terminal(
    shell: Any, in_terminal: OpenTerminal, exectop: Exectop
) -> None:
    session = only_session(exectop)
    stopping = in_terminal("stop", "-t", "1", session["id"])
    stopping.wait_for(b"killed in 1 s")
    stopping.wait_for(session["id"].encode())
    assert stopping.wait_exit() == 0
    assert shell.wait_exit() == 137


def test_own_detach_keys_and_none(
    in_terminal: OpenTerminal, exectop: Exectop, container: LaunchedContainer
) -> None:
    terminal = in_terminal("exec", "-it", "--detach-keys", "ctrl-a,d", container.id, "sh")
    terminal.wait_for(b"# ")
    terminal.type(b"\x01d")
    assert terminal.wait_exit() == 0
    session = only_session(exectop)
    watching = in_terminal("attach", "--detach-keys", "", session["id"])
    watching.wait_for(b"/ #")
    watching.type(b"\x01d" + LEAVE + b"\x15exit 2\r")
    assert watching.wait_exit() == 2
    assert exectop("rm", session["id"]).returncode == 0


def test_leaving_a_full_screen_program_gives_the_terminal_back(
    shell: Any, exectop: Exectop
) -> None:
    shell.type(b"printf '\\033[?1049h\\033[?25l\\033[?1002hfull'\r")
    shell.wait_for(b"\x1b[?1002hfull")
    shell.type(LEAVE)
    assert shell.wait_exit() == 0
    for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1002l"):
        assert sequence in shell.seen
    remove(exectop, only_session(exectop))
