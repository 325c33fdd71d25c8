"""Starting sessions in real containers: exit codes, streams, sizes, and who the process is."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.errors import (
    CannotInvokeError,
    CommandNotFoundError,
    ConmonError,
    ContainerStateError,
    ExectopError,
    InvalidArgumentError,
    NoSuchUserError,
    RuntimeMissingError,
    SessionStateError,
)
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    ExecConfig,
    ExecState,
    TerminalSize,
)


@pytest.mark.parametrize("code", [0, 3, 255])
@pytest.mark.parametrize("terminal", [False, True])
async def test_the_exit_code_is_the_command_s(
    engine: Engine, start: Any, code: int, terminal: bool
) -> None:
    session_id, output = await start("sh", "-c", f"exit {code}", terminal=terminal)

    assert await output.wait_ended() == code
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code, session.pid) == (ExecState.STOPPED, code, 0)


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(
    ("command", "error", "code"),
    [
        (["no-such-command"], CommandNotFoundError, 127),
        (["/no/such/path"], CommandNotFoundError, 127),
        (["/etc/passwd"], CannotInvokeError, 126),
        (["/etc"], CannotInvokeError, 126),
    ],
)
async def test_a_command_that_cannot_be_run_has_podman_s_code_and_leaves_nothing(
    engine: Engine,
    info: ContainerInfo,
    engine_settings: EngineSettings,
    terminal: bool,
    command: list[str],
    error: type[ExectopError],
    code: int,
) -> None:
    session_id = await engine.exec_create(info, ExecConfig(command=command, terminal=terminal))

    with pytest.raises(error) as caught:
        await engine.exec_start(session_id)

    assert caught.value.exit_code == code
    assert caught.value.session_id == session_id
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code) == (ExecState.STOPPED, code)
    assert list(Path(engine_settings.run_dir, "bundles").glob("*/*")) == []


async def test_output_and_errors_come_apart_and_byte_by_byte(start: Any) -> None:
    script = r"printf 'a\000b\377\n'; printf 'wrong' >&2; printf 'no newline'"
    _, output = await start("sh", "-c", script)

    assert await output.wait_ended() == 0
    assert output.data == b"a\0b\xff\nno newline"
    assert output.errors == b"wrong"


async def test_input_of_1_5_megabytes_arrives_whole(start: Any) -> None:
    data = bytes(range(256)) * 6000
    _, output = await start("md5sum", attach_stdin=True)

    await output.attachment.write(data)
    await output.attachment.close_stdin()

    assert await output.wait_ended() == 0
    assert output.data.split()[0].decode() == hashlib.md5(data).hexdigest()


async def test_the_first_size_the_program_sees_is_the_real_one(
    start: Any, info: ContainerInfo
) -> None:
    # crun lets its child run before it sets the size, so there a first look may find none.
    look = "stty size" if info.runtime == "runc" else "until stty size 2>&- | grep .; do :; done"
    size = TerminalSize(rows=31, columns=117)
    _, output = await start("sh", "-c", look, terminal=True, size=size)

    assert await output.wait_ended() == 0
    assert output.data == b"31 117\r\n"


async def test_a_detached_session_runs_on_and_its_end_is_noted(
    engine: Engine, start_detached: Any
) -> None:
    session_id = await start_detached("sh", "-c", "sleep 0.2; exit 5")
    (session,) = await engine.sessions()
    assert (session.id, session.state) == (session_id, ExecState.RUNNING)
    assert session.pid > 0
    assert session.start_time > 0

    async with asyncio.timeout(10):
        while (await engine.sessions())[0].state is ExecState.RUNNING:
            await engine.wait_changed(5)

    (session,) = await engine.sessions()
    assert (session.exit_code, session.finished is not None) == (5, True)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("", "0:0:0"),
        ("dev", "1000:1000:50 1000"),
        ("1000", "1000:1000:50 1000"),
        ("dev:staff", "1000:50:50"),
        ("4321", "4321:0:0"),
        ("4321:77", "4321:77:77"),
    ],
)
async def test_the_user_is_looked_up_in_the_container(start: Any, user: str, expected: str) -> None:
    script = 'echo "$(id -u):$(id -g):$(id -G | tr " " "\n" | sort -n | tr "\n" " ")"'
    _, output = await start("sh", "-c", script, user=user)

    assert await output.wait_ended() == 0
    assert output.data.decode().strip() == expected


async def test_an_unknown_user_is_an_error_that_leaves_nothing(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings
) -> None:
    config = ExecConfig(command=["true"], user="nobody-here")
    session_id = await engine.exec_create(info, config)

    with pytest.raises(NoSuchUserError, match="nobody-here"):
        await engine.exec_start(session_id)

    assert (await engine.find_session(session_id)).state is ExecState.STOPPED
    assert list(Path(engine_settings.run_dir, "bundles").glob("*/*")) == []


async def test_environment_home_term_and_working_directory(start: Any) -> None:
    script = 'echo "$PWD|$GREETING|$HOME|$TERM"'
    _, output = await start(
        "sh",
        "-c",
        script,
        terminal=True,
        environment={"GREETING": "a b=c"},
        work_dir="/tmp",
    )

    assert await output.wait_ended() == 0
    assert output.data == b"/tmp|a b=c|/root|xterm-256color\r\n"


def _effective(status: bytes) -> int:
    return int(status.split()[1], 16)


async def test_privileged_gives_capabilities_and_another_user_none(start: Any) -> None:
    command = ("grep", "CapEff", "/proc/self/status")
    _, ordinary = await start(*command)
    _, privileged = await start(*command, privileged=True)
    _, other = await start(*command, user="dev")
    for output in (ordinary, privileged, other):
        assert await output.wait_ended() == 0

    admin = 1 << 21
    assert _effective(ordinary.data) & admin == 0
    assert _effective(privileged.data) & admin
    assert _effective(other.data) == 0


async def test_limits_are_the_container_s_not_ours(start: Any) -> None:
    _, output = await start("sh", "-c", "ulimit -n")

    assert await output.wait_ended() == 0
    assert output.data == b"1024\n"


async def test_a_session_starts_once_only(engine: Engine, start_detached: Any) -> None:
    session_id = await start_detached("sleep", "100")

    with pytest.raises(SessionStateError, match="running"):
        await engine.exec_start(session_id)


async def test_an_empty_command_is_refused(engine: Engine, info: ContainerInfo) -> None:
    with pytest.raises(InvalidArgumentError):
        await engine.exec_create(info, ExecConfig(command=[]))
    assert await engine.sessions() == []


async def test_a_paused_container_takes_no_session(
    engine: Engine, info: ContainerInfo, container: Any
) -> None:
    container.pause()
    try:
        with pytest.raises(ContainerStateError, match="paused"):
            await engine.exec_create(info, ExecConfig(command=["true"]))
    finally:
        container.resume()


async def test_a_stopped_container_takes_no_session(
    engine: Engine, info: ContainerInfo, container: Any
) -> None:
    session_id = await engine.exec_create(info, ExecConfig(command=["true"]))
    container.kill()
    async with asyncio.timeout(10):
        while (await engine.find_container(container.id)).init:
            await asyncio.sleep(0.02)

    with pytest.raises(ContainerStateError, match="stopped"):
        await engine.exec_create(info, ExecConfig(command=["true"]))
    with pytest.raises(ContainerStateError, match="stopped"):
        await engine.exec_start(session_id)


async def test_missing_programs_are_named(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, short_folder: Path
) -> None:
    import msgspec

    session_id = await engine.exec_create(info, ExecConfig(command=["true"]))
    broken = msgspec.structs.replace(engine_settings, conmon="conmon-that-is-not-there")
    async with Engine(broken) as other:
        with pytest.raises(RuntimeMissingError, match="conmon-that-is-not-there"):
            await other.exec_start(session_id)


async def test_conmon_s_own_failure_is_told_apart(
    engine: Engine, info: ContainerInfo, engine_settings: EngineSettings, short_folder: Path
) -> None:
    import msgspec

    script = short_folder / "conmon"
    script.write_text("#!/bin/sh\necho 'no good today' >&2\nexit 1\n")
    script.chmod(0o755)
    session_id = await engine.exec_create(info, ExecConfig(command=["true"]))
    broken = msgspec.structs.replace(engine_settings, conmon=str(script))
    async with Engine(broken) as other:
        with pytest.raises(ConmonError, match="no good today"):
            await other.exec_start(session_id)
