"""exectop exec over real runtimes: what goes in, what comes out, what stays behind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.demo.launch import LaunchedContainer
from runtime.model import EngineSettings

Exectop = Callable[..., subprocess.CompletedProcess[bytes]]


def listed(exectop: Exectop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(exectop("ls", "--format", "json").stdout)
    return found


def monitors_of(container: LaunchedContainer) -> list[str]:
    """The command lines of conmon processes that serve this container."""
    lines = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended meanwhile
        if words[0].endswith(b"conmon") and container.id.encode() in words:
            lines.append(" ".join(os.fsdecode(word) for word in words))
    return lines


def assert_nothing_left(
    exectop: Exectop, container: LaunchedContainer, settings: EngineSettings
) -> None:
    assert listed(exectop) == []
    bundles = [each for each in Path(settings.run_dir, "bundles").rglob("*") if each.is_file()]
    assert bundles == []
    assert monitors_of(container) == []


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["true"], 0),
        (["sh", "-c", "exit 3"], 3),
        (["sh", "-c", "kill -9 $$"], 137),
        (["/etc/passwd"], 126),
        (["no-such-command"], 127),
    ],
)
@pytest.mark.parametrize("tty", [False, True])
def test_exit_codes_and_nothing_left(
    exectop: Exectop,
    container: LaunchedContainer,
    engine_settings: EngineSettings,
    command: list[str],
    code: int,
    tty: bool,
) -> None:
    done = exectop("exec", *(["-t"] if tty else []), container.id, *command)
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    assert_nothing_left(exectop, container, engine_settings)


def test_our_own_failures_are_125(exectop: Exectop, container: LaunchedContainer) -> None:
    for words in (
        ["exec", "no-such-container", "true"],
        ["exec", "--detach-keys", "ctrl-?", container.id, "true"],
        ["exec", container.id],
        ["exec", "--no-such-option", container.id, "true"],
        ["attach", "0000"],
        ["stop", "0000"],
    ):
        done = exectop(*words)
        assert done.returncode == 125, words
        assert done.stderr.strip(), words
        assert b"Traceback" not in done.stderr


def test_output_streams_stay_apart(exectop: Exectop, container: LaunchedContainer) -> None:
    done = exectop("exec", container.id, "sh", "-c", "echo out; echo err >&2")
    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")


def test_stdin_goes_in_whole(exectop: Exectop, container: LaunchedContainer) -> None:
    data = os.urandom(1_500_000)
    done = exectop("exec", "-i", container.id, "sha256sum", input=data)
    assert done.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()
    back = exectop("exec", "-i", container.id, "cat", input=data)
    assert back.stdout == data


def test_without_i_stdin_is_empty(exectop: Exectop, container: LaunchedContainer) -> None:
    done = exectop("exec", container.id, "cat", input=b"unwanted")
    assert (done.returncode, done.stdout) == (0, b"")


def test_stdin_from_a_regular_file(
    program: list[str], container: LaunchedContainer, tmp_path: Path
) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"from a file\n" * 1000)
    with path.open("rb") as file:
        done = subprocess.run(
            [*program, "exec", "-i", container.id, "cat"],
            stdin=file,
            capture_output=True,
            timeout=60,
        )
    assert done.stdout == path.read_bytes()


def test_environment_folder_and_user(exectop: Exectop, container: LaunchedContainer) -> None:
    words = ["-e", "A=b=c", "-w", "/home/dev", "-u", "dev"]
    done = exectop("exec", *words, container.id, "sh", "-c", "echo $A; pwd; id -un; id -Gn")
    assert done.stdout.decode().split("\n") == ["b=c", "/home/dev", "dev", "dev staff", ""]


def test_options_after_the_container_belong_to_the_command(
    exectop: Exectop, container: LaunchedContainer
) -> None:
    done = exectop("exec", container.id, "echo", "-t", "-i", "--help")
    assert done.stdout == b"-t -i --help\n"


def test_terminal_output_without_a_terminal_of_our_own(
    exectop: Exectop, container: LaunchedContainer
) -> None:
    # crun's child may run ahead of its parent, which sets the size; runc's waits for it.
    look = (
        "stty size" if container.runtime == "runc" else "until stty size 2>&- | grep .; do :; done"
    )
    done = exectop("exec", "-t", container.id, "sh", "-c", look)
    assert done.stdout == b"24 80\r\n"


def test_piped_input_ends_a_shell_in_a_terminal(
    exectop: Exectop, container: LaunchedContainer
) -> None:
    done = exectop("exec", "-it", container.id, "sh", input=b"exit 5\n")
    assert done.returncode == 5
    assert exectop("exec", "-it", container.id, "cat", input=b"word\n").returncode == 0


def test_broken_pipe_stops_the_command_quietly(
    program: list[str],
    exectop: Exectop,
    container: LaunchedContainer,
    engine_settings: EngineSettings,
) -> None:
    command = [*program, "exec", container.id, "yes"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout and process.stderr
    assert process.stdout.read(4) == b"y\ny\n"
    process.stdout.close()
    assert process.wait(30) == 141
    assert process.stderr.read() == b""
    process.stderr.close()
    assert_nothing_left(exectop, container, engine_settings)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_stops_the_command(
    program: list[str],
    exectop: Exectop,
    container: LaunchedContainer,
    engine_settings: EngineSettings,
    number: signal.Signals,
) -> None:
    command = [*program, "exec", container.id, "sh", "-c", "echo up; exec sleep 1000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    process.stdout.close()
    assert_nothing_left(exectop, container, engine_settings)


def test_detached_session_is_listed_stopped_and_removed(
    exectop: Exectop, container: LaunchedContainer, engine_settings: EngineSettings
) -> None:
    started = exectop("exec", "-d", "-u", "dev", container.id, "sleep", "1000")
    session_id = started.stdout.decode().strip()
    assert re.fullmatch(r"[0-9a-f]{64}", session_id)

    (session,) = listed(exectop)
    assert session["id"] == session_id
    assert session["containerId"] == session["containerName"] == container.id
    assert (session["origin"], session["state"]) == ("exectop", "running")
    assert (session["command"], session["tty"]) == (["sleep", "1000"], False)
    assert (session["user"], session["exitCode"], session["attached"]) == ("dev", None, 0)
    stat = Path(f"/proc/{session['pid']}/stat").read_text()
    assert int(stat.rpartition(")")[2].split()[19]) == session["startTime"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", session["created"])

    (shown,) = json.loads(exectop("inspect", session_id[:12]).stdout)
    assert (shown["ID"], shown["Running"], shown["Pid"]) == (session_id, True, session["pid"])
    assert shown["ProcessConfig"]["arguments"] == ["1000"]
    assert shown["ProcessConfig"]["entrypoint"] == "sleep"

    (one,) = json.loads(exectop("ps", "--format", "json").stdout)
    assert (one["id"], one["sessions"], one["state"]) == (container.id, 1, "running")
    assert (one["runtime"], one["root"]) == (container.runtime, str(container.root))
    assert (one["bundle"], one["pid"]) == (str(container.bundle), container.pid)

    assert exectop("rm", session_id).returncode == 125
    assert exectop("stop", "-t", "5", session_id).returncode == 0
    (stopped,) = listed(exectop)
    assert (stopped["state"], stopped["pid"]) == ("stopped", 0)
    assert stopped["exitCode"] == 143
    assert exectop("cleanup", session_id[:8]).returncode == 0
    assert exectop("rm", session_id[:8]).returncode == 0
    assert_nothing_left(exectop, container, engine_settings)


def test_several_sessions_at_once_and_one_that_is_not(
    exectop: Exectop, container: LaunchedContainer, engine_settings: EngineSettings
) -> None:
    ids = [
        exectop("exec", "-d", container.id, "sleep", "1000").stdout.decode().strip()
        for _ in range(2)
    ]
    done = exectop("stop", "-t", "2", ids[0], "0000", ids[1])
    assert done.returncode == 125
    assert done.stdout.decode().split() == ids
    assert b"0000" in done.stderr
    assert exectop("rm", *ids).returncode == 0
    assert_nothing_left(exectop, container, engine_settings)


def test_a_detached_command_that_is_not_there_leaves_nothing(
    exectop: Exectop, container: LaunchedContainer, engine_settings: EngineSettings
) -> None:
    assert exectop("exec", "-d", container.id, "no-such-command").returncode == 127
    assert_nothing_left(exectop, container, engine_settings)


def test_a_container_that_dies_while_attached(
    program: list[str], exectop: Exectop, container: LaunchedContainer
) -> None:
    command = [*program, "exec", container.id, "sh", "-c", "echo up; exec sleep 1000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    container.kill()
    assert process.wait(30) == 137
    process.stdout.close()
    assert listed(exectop) == []


def test_two_programs_on_one_container(program: list[str], container: LaunchedContainer) -> None:
    commands = [[*program, "exec", container.id, "sh", "-c", f"exit {n}"] for n in range(4)]
    processes = [subprocess.Popen(command) for command in commands]
    assert [process.wait(30) for process in processes] == [0, 1, 2, 3]
