"""The whole layer for an ordinary user, whose containers live in a user namespace."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.kernel.cmdline import command_line
from runtime.kernel.pidfd import pidfd, send_signal, wait_readable
from runtime.kernel.proc import identify, is_alive
from runtime.model import ProcessIdentity
from tests.integration.rootless.conftest import OrdinaryUser, RootlessContainer

LEAVE = b"\x10\x11"
OpenTerminal = Callable[..., Any]


def sessions(user: OrdinaryUser) -> list[dict[str, Any]]:
    done = user.exectop("ls", "--format", "json")
    assert (done.returncode, done.stderr) == (0, b"")
    listed: list[dict[str, Any]] = json.loads(done.stdout)
    return listed


def start_detached(user: OrdinaryUser, container: RootlessContainer, *command: str) -> str:
    done = user.exectop("exec", "-d", container.id, *command)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().strip()


async def wait_gone(process: ProcessIdentity | None) -> None:
    assert process is not None
    with pidfd(process) as descriptor:
        if descriptor is not None:
            assert await wait_readable(descriptor, 30)


def bundles(user: OrdinaryUser) -> list[Path]:
    return list((user.runtime_folder / "exectop/bundles").glob("*/*"))


def test_the_user_s_own_container_is_found_without_a_word(
    user: OrdinaryUser, mine: RootlessContainer
) -> None:
    done = user.exectop("ps", "--format", "json")
    assert (done.returncode, done.stderr) == (0, b"")
    (line,) = json.loads(done.stdout)
    assert (line["id"], line["runtime"], line["state"]) == (mine.id, mine.runtime, "running")
    assert (line["pid"], line["root"]) == (mine.init.pid, str(mine.root))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["sh", "-c", "exit 3"], 3),
        (["sh", "-c", "kill -9 $$"], 137),
        (["/etc/passwd"], 126),
        (["no-such-command"], 127),
    ],
)
def test_exit_codes(
    user: OrdinaryUser, mine: RootlessContainer, command: list[str], code: int
) -> None:
    for options in ([], ["-t"]):
        done = user.exectop("exec", *options, mine.id, *command)
        assert done.returncode == code, done.stderr
        assert b"Traceback" not in done.stderr
    assert sessions(user) == []
    assert bundles(user) == []


def test_streams_and_who_the_command_is(user: OrdinaryUser, mine: RootlessContainer) -> None:
    script = 'cat; echo "$(id -u):$(id -g)|$PWD|$HOME|$A"; echo wrong >&2'
    words = ("exec", "-i", "-e", "A=b c", "-w", "/tmp", mine.id, "sh", "-c", script)
    done = user.exectop(*words, input=b"from outside\n")
    assert done.stdout == b"from outside\n0:0|/tmp|/root|b c\n"
    assert (done.returncode, done.stderr) == (0, b"wrong\n")


def test_root_inside_is_the_user_outside(user: OrdinaryUser, mine: RootlessContainer) -> None:
    session_id = start_detached(user, mine, "sleep", "1000")
    (line,) = sessions(user)
    owner = Path(f"/proc/{line['pid']}").stat().st_uid
    assert (line["id"], line["owner"], owner) == (session_id, user.uid, user.uid)
    assert user.exectop("rm", "-f", session_id).returncode == 0


def test_capabilities_are_those_of_the_namespace(
    user: OrdinaryUser, mine: RootlessContainer
) -> None:
    command = ("grep", "CapEff", "/proc/self/status")
    plain = user.exectop("exec", mine.id, *command).stdout
    privileged = user.exectop("exec", "--privileged", mine.id, *command).stdout
    admin = 1 << 21
    assert int(plain.split()[1], 16) & admin == 0
    assert int(privileged.split()[1], 16) & admin


def test_a_user_that_is_not_mapped_is_refused_in_words(
    user: OrdinaryUser, mine: RootlessContainer
) -> None:
    done = user.exectop("exec", "-u", "dev", mine.id, "id")
    assert done.returncode in (125, 126)
    assert done.stderr.startswith(b"exectop: ")
    assert b"Traceback" not in done.stderr
    assert sessions(user) == []


def test_a_shell_is_left_and_come_back_to(
    user: OrdinaryUser, mine: RootlessContainer, user_terminal: OpenTerminal
) -> None:
    first = user_terminal("exec", "-it", mine.id, "sh", rows=31, columns=97)
    first.wait_for(b"# ")
    first.type(b"stty size; echo a-word-$((40 + 2))\r")
    first.wait_for(b"31 97\r\na-word-42\r\n")
    for columns in range(100, 130):
        first.resize(40, columns)
    first.type(b"while [ \"$(stty size)\" != '40 129' ]; do sleep 0.05; done; echo size-$?\r")
    first.wait_for(b"size-0")
    first.type(LEAVE)
    assert first.wait_exit() == 0
    (session,) = sessions(user)
    assert (session["state"], session["attached"]) == ("running", 0)

    again = user_terminal("attach", session["id"][:12], rows=24, columns=80)
    again.wait_for(b"a-word-42")
    again.process.kill()
    again.wait_exit()
    assert sessions(user)[0]["state"] == "running"

    last = user_terminal("attach", session["id"], rows=24, columns=80)
    last.wait_for(b"a-word-42")
    last.type(b"exit 9\r")
    assert last.wait_exit() == 9
    (session,) = sessions(user)
    assert (session["state"], session["exitCode"]) == ("stopped", 9)
    assert bundles(user) == []
    assert user.exectop("rm", session["id"]).returncode == 0


def test_output_of_a_detached_session_is_kept(user: OrdinaryUser, mine: RootlessContainer) -> None:
    script = "echo early; echo wrong >&2; trap 'echo late; exit 5' TERM; sleep 1000 & wait"
    session_id = start_detached(user, mine, "sh", "-c", script)
    words = user.words(*user.launcher, "attach", session_id)
    attached = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert attached.stdout is not None
    assert attached.stdout.readline() == b"early\n"

    assert user.exectop("stop", session_id).returncode == 0
    rest, errors = attached.communicate(timeout=60)
    assert (attached.returncode, rest, errors) == (5, b"late\n", b"wrong\n")
    (inspected,) = json.loads(user.exectop("inspect", session_id).stdout)
    assert (inspected["State"], inspected["ExitCode"]) == ("stopped", 5)
    assert user.exectop("rm", session_id).returncode == 0
    assert sessions(user) == []


def test_stop_ends_daemons_too(user: OrdinaryUser, mine: RootlessContainer) -> None:
    daemon = "trap '' TERM; echo daemon; sleep 883 & wait"
    session_id = start_detached(user, mine, "sh", "-c", f'(setsid sh -c "{daemon}" &); sleep 884')
    words = user.words(*user.launcher, "attach", session_id)
    with subprocess.Popen(words, stdout=subprocess.PIPE) as attached:
        assert attached.stdout is not None
        assert attached.stdout.readline() == b"daemon\n"
        assert user.exectop("stop", "-t", "1", session_id).returncode == 0
    left = [command_line(each.pid) for each in user.processes()]
    assert [words for words in left if words[:1] == ["sleep"] and words[1].startswith("88")] == []
    assert is_alive(mine.init)
    assert user.exectop("rm", session_id).returncode == 0


async def test_a_killed_monitor_is_seen_and_its_process_can_be_ended(
    user: OrdinaryUser, mine: RootlessContainer
) -> None:
    session_id = start_detached(user, mine, "sh", "-c", "trap '' HUP; sleep 1000 & wait")
    (line,) = sessions(user)
    bundle = Path(json.loads(user.exectop("inspect", session_id).stdout)[0]["Bundle"])
    monitor = identify(int((bundle / "conmon_pid").read_text()))
    process = ProcessIdentity(pid=line["pid"], start_time=line["startTime"])
    assert monitor is not None
    send_signal(monitor, signal.SIGKILL)
    await wait_gone(monitor)

    (orphan,) = sessions(user)
    assert (orphan["pid"], orphan["monitorAlive"], orphan["exitCode"]) == (line["pid"], False, None)
    assert user.exectop("rm", "-f", session_id).returncode == 0
    assert not is_alive(process)
    assert bundles(user) == []


EVENTS = """
import asyncio, sys
from app.settings import load_settings
from runtime.engine import Engine

async def main():
    async with Engine(load_settings().engine) as engine:
        for event in engine.events(session_id=sys.argv[1]):
            print(event.name, event.client.uid, event.exit_code)

asyncio.run(main())
"""


def test_events_name_the_user(user: OrdinaryUser, mine: RootlessContainer) -> None:
    session_id = start_detached(user, mine, "sleep", "1000")
    assert user.exectop("stop", "-t", "0", session_id).returncode == 0
    assert user.exectop("rm", session_id).returncode == 0
    told = user.python(EVENTS, session_id)
    names = ("exec_create", "exec_start", "exec_stop", "exec_died", "exec_remove")
    codes = {"exec_died": 137}
    lines = [f"{name} {user.uid} {codes.get(name)}" for name in names]
    assert told.stdout.decode().splitlines() == lines, told.stderr


def test_everything_is_in_the_user_s_folders_and_private(
    user: OrdinaryUser, mine: RootlessContainer
) -> None:
    session_id = start_detached(user, mine, "sleep", "1000")
    state, run = user.home / ".local/state/exectop", user.runtime_folder / "exectop"
    assert (state / "exectop.sqlite3").exists()
    for place in (state, run, *state.rglob("*"), *run.rglob("*")):
        found = place.stat()
        assert found.st_uid == user.uid
        if place.is_dir():
            assert stat.S_IMODE(found.st_mode) == 0o700, place
    assert user.exectop("rm", "-f", session_id).returncode == 0


def test_without_a_login_session_the_run_folder_is_with_the_records(
    user: OrdinaryUser, mine: RootlessContainer
) -> None:
    if Path(f"/run/user/{user.uid}").exists():
        pytest.fail("this user has a login session")
    words = user.words(
        *user.launcher, "--root", str(mine.root), "exec", "-d", mine.id, "sleep", "9"
    )
    words.remove(f"XDG_RUNTIME_DIR={user.runtime_folder}")
    done = subprocess.run(words, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    run = user.home / ".local/state/exectop/run"
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert len(list(run.glob("bundles/*/*"))) == 1
    remove = user.words(*user.launcher, "rm", "-f", done.stdout.decode().strip())
    remove.remove(f"XDG_RUNTIME_DIR={user.runtime_folder}")
    assert subprocess.run(remove, capture_output=True, timeout=60).returncode == 0
    assert not (user.runtime_folder / "exectop").exists()
