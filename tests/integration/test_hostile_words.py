"""Names, commands and messages that would steer a terminal are shown, never obeyed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from app.demo.launch import LaunchedContainer

Exectop = Callable[..., subprocess.CompletedProcess[bytes]]
OpenTerminal = Callable[..., Any]

# A title, a private mode, the 8-bit form of a sequence, a bell, a new line that looks like ours,
# text that is written from right to left, and a lone byte that is no text.
EVIL = "\x1b]0;owned\x07\x1b[?9876h\u009b9876l\a\r\nexectop: owned\u202edenwo"
HARMFUL = (b"\x1b]0;owned", b"\x1b[?9876h", b"\xc2\x9b", b"\nexectop: owned", "\u202e".encode())


def harmless(printed: bytes) -> bytes:
    """What was printed, if no part of it could steer a terminal as `EVIL` would."""
    assert [sequence for sequence in HARMFUL if sequence in printed] == [], printed
    return printed


@pytest.fixture
def session(exectop: Exectop, container: LaunchedContainer) -> str:
    """A running session whose command is hostile."""
    done = exectop("exec", "-d", container.id, "sh", "-c", "sleep 1000; : $1", "sh", EVIL)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().strip()


@pytest.fixture
def hostile_names(container: LaunchedContainer) -> None:
    """More containers, by the state folder: one with a hostile name, and one that is broken."""
    good, bad = container.root / f"good{EVIL}", container.root / f"bad{EVIL}"
    for folder in (good, bad):
        folder.mkdir()
    for name in ("state.json", "status", "config.json"):
        if (container.root / container.id / name).exists():
            shutil.copy(container.root / container.id / name, good)
            (bad / name).write_text("no JSON")


def test_lists_show_and_do_not_obey(exectop: Exectop, session: str, hostile_names: None) -> None:
    for words in (["ls"], ["ls", "--no-trunc"], ["ps"], ["ps", "--no-trunc"], ["events"]):
        done = exectop(*words)
        assert done.returncode == 0
        printed = harmless(done.stdout)
        assert harmless(done.stderr).count(b"\n") == done.stderr.count(b"warning: ")
        assert len(printed.splitlines()) == printed.count(b"\n")
        if "--no-trunc" in words:
            assert b"owned" in printed
    for words in (["ps", "-q"], ["ls", "-q"]):
        assert len(harmless(exectop(*words).stdout).splitlines()) == (2 if words[0] == "ps" else 1)
    assert exectop("rm", "-f", session).returncode == 0


def test_json_is_escaped_and_whole(exectop: Exectop, session: str, hostile_names: None) -> None:
    for words in (["ls", "--format", "json"], ["ps", "--format", "json"], ["inspect", session]):
        done = exectop(*words)
        for byte in b"\x1b\x07\r\x9b":
            if byte != 0x9B:  # a part of what UTF-8 text is made of
                assert bytes([byte]) not in done.stdout
        json.loads(done.stdout)
    (inspected,) = json.loads(exectop("inspect", session).stdout)
    assert inspected["ProcessConfig"]["arguments"][-1] == EVIL
    assert exectop("rm", "-f", session).returncode == 0


def test_messages_show_and_do_not_obey(exectop: Exectop, container: LaunchedContainer) -> None:
    for words, code in (
        (["exec", container.id, EVIL], 127),
        (["exec", "-t", container.id, f"/no/such/{EVIL}"], 127),
        (["exec", "-u", EVIL, container.id, "true"], 126),
        (["exec", "-u", f"0:{EVIL}", container.id, "true"], 126),
        (["exec", "-w", f"/no/such/{EVIL}", container.id, "true"], 127),
        (["exec", "--detach-keys", EVIL, container.id, "true"], 125),
        (["exec", "-e", f"={EVIL}", container.id, "true"], 125),
        (["exec", EVIL, "true"], 125),
        (["attach", EVIL], 125),
        (["inspect", EVIL], 125),
        (["stop", EVIL], 125),
        (["stop", "-t", EVIL, "x"], 125),
        (["rm", f"--{EVIL}"], 125),
        (["events", "--since", EVIL], 125),
        ([EVIL], 125),
        (["--config", f"/no/such/{EVIL}", "ls"], 125),
        (["--state-dir", f"/proc/no/such/{EVIL}", "ls"], 125),
    ):
        done = exectop(*words)
        assert done.returncode == code, (words, done.stderr)
        assert done.stderr, words
        assert b"Traceback" not in done.stderr
        harmless(done.stdout)
        assert b"owned" in harmless(done.stderr), words


def test_the_dashboard_shows_and_does_not_obey(
    in_terminal: OpenTerminal, exectop: Exectop, session: str, hostile_names: None
) -> None:
    dashboard = in_terminal(rows=40, columns=150)
    dashboard.wait_for(b"cannot make sense of")  # the broken container, in the status line
    dashboard.wait_for(b"owned")
    for keys, answer in (
        (b"\t", b"session"),  # the table of sessions, and the details of one
        (b"\x04", b"remove a running session?"),
        (b"n", b"containers"),
        (b"\t", b""),
        (b"e", b"run a command in"),
    ):
        dashboard.type(keys)
        dashboard.wait_for(answer)
    harmless(dashboard.everything)
    dashboard.close()
    assert exectop("rm", "-f", session).returncode == 0


def test_a_title_is_cleaned_before_it_is_shown(
    in_terminal: OpenTerminal, exectop: Exectop, container: LaunchedContainer
) -> None:
    title = "\x1b]2;begin\u009b9876l\u202eowned\x1b\\"
    script = f"printf '{title}'; echo ready; exec sleep 1000"
    done = exectop("exec", "-d", "-t", container.id, "sh", "-c", script)
    session = done.stdout.decode().strip()
    dashboard = in_terminal(rows=40, columns=150)
    dashboard.wait_for(session[:6].encode())
    dashboard.type(b"\t")
    dashboard.type(b"a")
    dashboard.wait_for(b"begin")
    dashboard.type(b"\x10\x11")
    dashboard.wait_for(b"running")
    dashboard.type(b"q")
    assert dashboard.wait_exit() == 0
    harmless(dashboard.everything)
    assert exectop("rm", "-f", session).returncode == 0
