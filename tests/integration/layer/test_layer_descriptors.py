"""A session has its three streams, the descriptors that it was given, and no others."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.engine import Engine
from runtime.errors import InvalidArgumentError
from runtime.model import ContainerInfo, EngineSettings, ExecConfig

# Runs a session with the descriptors it has itself, and prints those that the session's first
# process has while it waits for input: looked at from outside, as a look from inside opens some.
PROGRAM = """
import asyncio, os, sys, msgspec
from runtime.engine import Engine
from runtime.model import EngineSettings, ExecConfig, Output

async def main():
    settings = msgspec.json.decode(sys.argv[1], type=EngineSettings)
    config = msgspec.json.decode(sys.argv[3], type=ExecConfig)
    async with Engine(settings) as engine:
        container = await engine.find_container(sys.argv[2])
        session = await engine.exec_create(container, config)
        attachment = await engine.exec_start_and_attach(session)
        seen = b""
        async for event in attachment.events():
            seen += event.data if isinstance(event, Output) else b""
            if b"ready" in seen:
                break
        folder = f"/proc/{(await engine.find_session(session)).pid}/fd"
        found = {number: os.readlink(f"{folder}/{number}") for number in os.listdir(folder)}
        print(msgspec.json.encode(found).decode())
        await attachment.close()
        await engine.exec_remove(session, force=True)

asyncio.run(main())
"""

WAIT = ["sh", "-c", "echo ready; read x"]
NULL = "/dev/null"


async def _run(
    settings: EngineSettings, info: ContainerInfo, config: ExecConfig, file: Path, opened: list[int]
) -> dict[int, str]:
    """Run the program with these numbers open from its first moment, as a shell opens them."""
    redirections = " ".join(f"{number}<{file}" for number in opened)
    words = [msgspec.json.encode(settings).decode(), info.id, msgspec.json.encode(config).decode()]
    program = await asyncio.create_subprocess_exec(
        *("bash", "-c", f'exec "$@" {redirections}', "bash"),
        *(sys.executable, "-W", "error", "-c", PROGRAM, *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    async with asyncio.timeout(60):
        said, errors = await program.communicate()
    assert errors == b""
    return msgspec.json.decode(said, type=dict[int, str])


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(
    ("count", "numbers", "given"),
    [
        (0, [], []),
        (1, [], [3]),
        (3, [], [3, 4, 5]),
        (0, [3, 4, 5], [3, 4, 5]),
        (0, [3, 5], [3, 5]),
        (0, [4, 7], [4, 7]),
        (0, [12], [12]),
        (2, [9, 12], [3, 4, 9, 12]),
        (0, [300], [300]),
    ],
)
async def test_a_session_has_what_it_was_given_and_nothing_else(
    engine: Engine,
    info: ContainerInfo,
    engine_settings: EngineSettings,
    tmp_path: Path,
    terminal: bool,
    count: int,
    numbers: list[int],
    given: list[int],
) -> None:
    config = ExecConfig(
        command=WAIT,
        terminal=terminal,
        attach_stdin=True,
        attach_stdout=True,
        attach_stderr=True,
        preserve_fds=count,
        preserve_fd=numbers,
    )
    file = tmp_path / "given"
    file.write_text("x")
    found = await _run(engine_settings, info, config, file, given)

    assert {0, 1, 2} <= set(found)
    others = {number: target for number, target in found.items() if number > 2}
    last = max(given, default=2)
    assert others == {each: str(file) if each in given else NULL for each in range(3, last + 1)}


async def test_they_are_the_very_files(engine: Engine, info: ContainerInfo, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("from outside")
    opened = os.open(tmp_path / "text", os.O_RDWR)
    number = fcntl.fcntl(opened, fcntl.F_DUPFD, 60)
    os.close(opened)
    command = ["sh", "-c", f"cat <&{number}; echo ' and back' >&{number}"]
    config = ExecConfig(
        command=command, preserve_fd=[number], attach_stdout=True, attach_stderr=True
    )
    try:
        result = await engine.exec(info, config)
    finally:
        os.close(number)
    assert (result.exit_code, result.stdout) == (0, b"from outside")
    assert (tmp_path / "text").read_text() == "from outside and back\n"


async def test_the_start_s_own_pipes_are_out_of_the_way(
    engine: Engine, info: ContainerInfo, tmp_path: Path
) -> None:
    """The sockets to the monitor would have numbers below the one that is passed on."""
    (tmp_path / "text").write_text("x")
    with (tmp_path / "text").open() as file:
        number = fcntl.fcntl(file, fcntl.F_DUPFD, 200)
    config = ExecConfig(command=["cat"], preserve_fd=[number], attach_stdin=True)
    try:
        assert (await engine.exec(info, config, stdin=b"")).exit_code == 0
    finally:
        os.close(number)


async def _refused(engine: Engine, info: ContainerInfo, match: str, **config: Any) -> None:
    session_id = await engine.exec_create(info, ExecConfig(command=["true"], **config))
    with pytest.raises(InvalidArgumentError, match=match) as caught:
        await engine.exec_start(session_id)
    assert caught.value.hint or "own streams" in match


async def test_what_cannot_be_passed_on_is_refused(engine: Engine, info: ContainerInfo) -> None:
    await _refused(engine, info, "999", preserve_fd=[999])
    await _refused(engine, info, "own streams", preserve_fd=[1])
    # What is ours alone is never passed on: here the database, or the loop's sockets.
    with open("/dev/null") as ours:
        await _refused(engine, info, "closed on exec", preserve_fd=[ours.fileno()])
