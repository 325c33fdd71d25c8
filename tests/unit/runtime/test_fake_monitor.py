"""The layer over the double of the monitor: no root, no conmon, no container."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtime.engine import Engine
from runtime.errors import CommandNotFoundError, ExecTimeoutError, SessionStateError
from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import is_alive
from runtime.model import (
    CaughtUp,
    ContainerInfo,
    Ended,
    EngineSettings,
    EventName,
    ExecConfig,
    ExecState,
    Output,
    SizeChanged,
    TerminalSize,
)
from runtime.oci.fake import FakeMonitor
from runtime.oci.fake_container import write_fake_container
from runtime.oci.fake_session import FakeSession

SIZE = TerminalSize(rows=31, columns=97)
BOTH: dict[str, Any] = {"attach_stdin": True, "attach_stdout": True, "attach_stderr": True}


async def shell(session: FakeSession) -> int:
    """Repeats lines; `exit N` ends it."""
    await session.write(b"$ ")
    while typed := await session.read():
        words = typed.split()
        if words[:1] == [b"exit"]:
            return int(words[1])
        await session.write(typed + b"$ ")
        await session.write(b"!", stream=2)
    return 0


async def for_ever(session: FakeSession) -> int:
    await session.write(b"begun\n")
    await asyncio.Event().wait()
    return 0


@pytest.fixture
def settings() -> Iterator[EngineSettings]:
    """Folders of the test's own."""
    with tempfile.TemporaryDirectory(prefix="xt-") as name:
        yield EngineSettings(
            state_dir=f"{name}/state", run_dir=f"{name}/run", roots=[f"{name}/root"]
        )


@pytest.fixture
def box(settings: EngineSettings) -> ContainerInfo:
    """A container that is one in name only."""
    return write_fake_container(Path(settings.roots[0]), "box")


@pytest.fixture
async def monitor() -> AsyncIterator[FakeMonitor]:
    """The double; its sessions are shells."""
    async with FakeMonitor(shell) as made:
        yield made


@pytest.fixture
async def engine(settings: EngineSettings, monitor: FakeMonitor) -> AsyncIterator[Engine]:
    """The real engine over it."""
    async with Engine(settings, monitor) as made:
        yield made


async def _until_ended(attachment: Any) -> tuple[bytes, bytes, int | None]:
    streams = {1: b"", 2: b""}
    async for event in attachment.events():
        if isinstance(event, Output):
            streams[event.stream] += event.data
        elif isinstance(event, Ended):
            return streams[1], streams[2], event.exit_code
    raise AssertionError("it never ended")


async def test_a_command_runs_to_its_end(
    engine: Engine, box: ContainerInfo, monitor: FakeMonitor
) -> None:
    config = ExecConfig(command=["sh"], environment={"A": "b"}, work_dir="/tmp", **BOTH)
    result = await engine.exec(box, config, stdin=b"exit 7\n")
    assert (result.exit_code, result.stdout, result.stderr) == (7, b"$ ", b"")
    assert await engine.sessions() == []
    (request,) = monitor.requests
    assert (request.container.id, request.stdin, request.terminal) == ("box", True, False)


async def test_a_script_knows_what_was_asked_for(
    engine: Engine, box: ContainerInfo, monitor: FakeMonitor
) -> None:
    found: list[dict[str, Any]] = []

    async def look(session: FakeSession) -> int:
        found.append(session.spec)
        return session.size.columns

    monitor.script = look
    config = ExecConfig(command=["sh", "-l"], terminal=True, environment={"A": "b"}, user="12:34")
    session_id = await engine.exec_create(box, config)
    attachment = await engine.exec_start_and_attach(session_id, SIZE)
    assert (await _until_ended(attachment))[2] == SIZE.columns
    await attachment.close()
    (spec,) = found
    assert (spec["args"], spec["terminal"]) == (["sh", "-l"], True)
    assert (spec["user"]["uid"], spec["user"]["gid"]) == (12, 34)
    assert "A=b" in spec["env"]


async def test_input_ends_where_it_is_closed(engine: Engine, box: ContainerInfo) -> None:
    result = await engine.exec(box, ExecConfig(command=["sh"], **BOTH), stdin=b"word")
    assert (result.exit_code, result.stdout, result.stderr) == (0, b"$ word$ ", b"!")


async def test_leaving_and_coming_back(engine: Engine, box: ContainerInfo) -> None:
    session_id = await engine.exec_create(box, ExecConfig(command=["sh"], terminal=True))
    first = await engine.exec_start_and_attach(session_id, SIZE)
    await first.write(b"one\n")
    seen = b""
    async for event in first.events():
        if isinstance(event, Output):
            seen += event.data
        if seen.endswith(b"one\n$ "):
            break
    await first.close()
    await engine.exec_resize(session_id, TerminalSize(rows=40, columns=120))

    second = await engine.attach(session_id)
    events = []
    async for event in second.events():
        events.append(event)
        if isinstance(event, CaughtUp):
            await second.write(b"exit 3\n")
    await second.close()
    assert [each.size.rows for each in events if isinstance(each, SizeChanged)] == [31, 40]
    replayed = b"".join(e.data for e in events if isinstance(e, Output) and e.replay)
    assert replayed.startswith(seen)
    assert events[-1] == Ended(exit_code=3)
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code) == (ExecState.STOPPED, 3)
    names = [event.name for event in engine.events(session_id=session_id)]
    assert names[-1] is EventName.DIED


async def test_two_viewers_see_and_type(engine: Engine, box: ContainerInfo) -> None:
    session_id = await engine.exec_create(box, ExecConfig(command=["sh"], terminal=True))
    one = await engine.exec_start_and_attach(session_id)
    other = await engine.attach(session_id)
    assert (await engine.sessions())[0].attached == 2
    await other.write(b"exit 4\n")
    for seen in await asyncio.gather(_until_ended(one), _until_ended(other)):
        assert seen == (b"$ ", b"", 4)
    await one.close()
    await other.close()


@pytest.mark.parametrize(("timeout", "code"), [(5, 143), (0, 137)])
async def test_stopping(
    engine: Engine, box: ContainerInfo, monitor: FakeMonitor, timeout: float, code: int
) -> None:
    monitor.script = for_ever
    session_id = await engine.exec_create(box, ExecConfig(command=["sh"]))
    await engine.exec_start(session_id)
    process = (await engine.find_session(session_id)).process
    assert is_alive(process)
    await engine.exec_stop(session_id, timeout)
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code, is_alive(process)) == (ExecState.STOPPED, code, False)


async def test_a_killed_monitor_leaves_its_process(
    engine: Engine, box: ContainerInfo, monitor: FakeMonitor
) -> None:
    monitor.script = for_ever
    session_id = await engine.exec_create(box, ExecConfig(command=["sh"]))
    attachment = await engine.exec_start_and_attach(session_id)
    session = await engine.find_session(session_id)
    assert session.monitor is not None
    send_signal(session.monitor, signal.SIGKILL)
    assert (await _until_ended(attachment))[2] is None
    await attachment.close()
    (line,) = await engine.sessions()
    assert line.orphaned
    await engine.exec_remove(session_id, force=True)
    assert not is_alive(session.process)


async def test_a_refusal_is_raised_and_leaves_nothing(
    engine: Engine, box: ContainerInfo, monitor: FakeMonitor, settings: EngineSettings
) -> None:
    monitor.refusal = CommandNotFoundError("no such command")
    session_id = await engine.exec_create(box, ExecConfig(command=["sh"]))
    with pytest.raises(CommandNotFoundError):
        await engine.exec_start(session_id)
    session = await engine.find_session(session_id)
    assert (session.state, session.exit_code) == (ExecState.STOPPED, 127)
    assert list(Path(settings.run_dir, "bundles").glob("*/*")) == []


async def test_a_command_that_takes_too_long(
    engine: Engine, box: ContainerInfo, monitor: FakeMonitor
) -> None:
    monitor.script = for_ever
    with pytest.raises(ExecTimeoutError):
        await engine.exec(box, ExecConfig(command=["sh"], **BOTH), timeout=0.2)
    assert await engine.sessions() == []


async def test_the_preconditions_are_the_layer_s(engine: Engine, box: ContainerInfo) -> None:
    session_id = await engine.exec_create(box, ExecConfig(command=["sh"]))
    with pytest.raises(SessionStateError, match="created"):
        await engine.attach(session_id)


async def test_nothing_runs_on_after_the_double_and_a_script_s_error_is_raised(
    settings: EngineSettings, box: ContainerInfo
) -> None:
    async def wrong(session: FakeSession) -> int:
        raise ZeroDivisionError

    ended = []
    with pytest.raises(ZeroDivisionError):
        async with FakeMonitor(for_ever) as monitor, Engine(settings, monitor) as engine:
            session_id = await engine.exec_create(box, ExecConfig(command=["sh"]))
            await engine.exec_start(session_id)
            session = await engine.find_session(session_id)
            ended += [session.process, session.monitor]
            monitor.script = wrong
            session_id = await engine.exec_create(box, ExecConfig(command=["sh"]))
            attachment = await engine.exec_start_and_attach(session_id)
            assert (await _until_ended(attachment))[2] is None
            await attachment.close()
    for process in ended:
        assert process is not None
        assert await wait_ended(process, 0)


async def test_output_is_kept_as_conmon_keeps_it(
    engine: Engine, box: ContainerInfo, monitor: FakeMonitor
) -> None:
    data = bytes(range(256)) * 100 + b"\n\nno newline"

    async def print_much(session: FakeSession) -> int:
        await session.write(data)
        await session.read()
        return 0

    monitor.script = print_much
    session_id = await engine.exec_create(box, ExecConfig(command=["sh"], terminal=True))
    await engine.exec_start(session_id)
    attachment = await engine.attach(session_id)
    await attachment.write(b"\n")
    assert await _until_ended(attachment) == (data, b"", 0)
    await attachment.close()
    msgspec.json.encode(await engine.inspect(session_id))
