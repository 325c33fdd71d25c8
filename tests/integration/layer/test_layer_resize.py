"""However many sizes are asked for, and whoever asks: the terminal ends at the last one.

`make test ARGS="-k resize --times 100"` tries a hundred bursts; else a few have to do.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from runtime.engine import Engine
from runtime.errors import InvalidArgumentError, SessionStateError
from runtime.kernel import tty
from runtime.kernel.pidfd import send_signal
from runtime.model import (
    ContainerInfo,
    EngineSettings,
    ExecConfig,
    SizeChanged,
    TerminalSize,
)
from runtime.sessions.kept_output import SizeJournal
from tests.integration.layer.conftest import SIZE, StartProgram

BURST = 60

# Tells every size it learns of.
SCRIPT = "trap 'echo now $(stty size)' WINCH; echo ready; while :; do sleep 0.05; done"

# Sets so many random sizes, as quickly as it can, and says the last one.
RESIZER = """
import asyncio, random, sys, msgspec
from runtime.engine import Engine
from runtime.model import EngineSettings, TerminalSize

async def main():
    settings = msgspec.json.decode(sys.argv[1], type=EngineSettings)
    async with Engine(settings) as engine:
        print("ready", flush=True)
        for line in sys.stdin:
            for _ in range(int(line)):
                size = TerminalSize(rows=random.randint(2, 999), columns=random.randint(2, 999))
                await engine.exec_resize(sys.argv[2], size)
            print(size.rows, size.columns, flush=True)

asyncio.run(main())
"""


def _burst(seed: int) -> Iterator[TerminalSize]:
    # From 2 on: busybox's stty shows 24 and 80 in place of 1.
    pick = random.Random(seed)
    for _ in range(BURST):
        yield TerminalSize(rows=pick.randint(2, 999), columns=pick.randint(2, 999))


async def _size_of(engine: Engine, session_id: str) -> TerminalSize | None:
    process = (await engine.find_session(session_id)).process
    assert process is not None
    return tty.get_size(process)


async def test_a_burst_ends_at_the_last_size(engine: Engine, start: Any, times: int) -> None:
    session_id, output = await start("sh", "-c", SCRIPT, terminal=True, size=SIZE)
    await output.wait_for(b"ready")
    for number in range(times):
        for size in _burst(number):
            await engine.exec_resize(session_id, size)
        assert await _size_of(engine, session_id) == size
        await output.wait_for(b"now %d %d\r\n" % (size.rows, size.columns))
        output.data = b""


async def test_of_two_viewers_the_last_to_ask_decides(
    engine: Engine, engine_settings: EngineSettings, start: Any, times: int
) -> None:
    session_id, output = await start("sh", "-c", SCRIPT, terminal=True, size=SIZE)
    await output.wait_for(b"ready")
    asked: list[TerminalSize] = []

    async def ask(one: Engine, seed: int) -> None:
        for size in _burst(seed):
            asked.append(size)
            await one.exec_resize(session_id, size)

    async with Engine(engine_settings) as other:
        for number in range(times):
            await asyncio.gather(ask(engine, 2 * number), ask(other, 2 * number + 1))
            last = asked[-1]
            assert await _size_of(engine, session_id) == last
            await output.wait_for(b"now %d %d\r\n" % (last.rows, last.columns))
            output.data = b""


async def test_two_programs_agree_on_the_last_size_and_it_is_noted(
    engine: Engine,
    engine_settings: EngineSettings,
    start: Any,
    watch: Any,
    start_program: StartProgram,
    times: int,
) -> None:
    session_id, output = await start("sh", "-c", SCRIPT, terminal=True, size=SIZE)
    await output.wait_for(b"ready")
    settings = msgspec.json.encode(engine_settings).decode()
    programs = [
        await start_program(RESIZER, settings, session_id, says=b"ready\n") for _ in range(2)
    ]
    for _ in range(times):
        said = await asyncio.gather(*(_resize(program) for program in programs))
        size = await _size_of(engine, session_id)
        assert size in said
        assert size is not None
        await output.wait_for(b"now %d %d\r\n" % (size.rows, size.columns))
        output.data = b""
        assert await _noted_size(engine, session_id, watch) == size
    for program in programs:
        assert (await program.communicate(b""))[0] == b""


async def _resize(program: asyncio.subprocess.Process) -> TerminalSize:
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(b"%d\n" % BURST)
    rows, columns = (await program.stdout.readline()).split()
    return TerminalSize(rows=int(rows), columns=int(columns))


async def _noted_size(engine: Engine, session_id: str, watch: Any) -> TerminalSize:
    """The last size of the replay, as one who attaches later is told it."""
    output = watch(await engine.attach(session_id))
    await output.wait_caught_up()
    await output.leave()
    sizes = [event.size for event in output.events if isinstance(event, SizeChanged)]
    assert isinstance(sizes[-1], TerminalSize)
    return sizes[-1]


async def test_the_last_note_is_true_when_another_was_quicker(
    engine: Engine, start: Any, watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id, output = await start("sh", "-c", SCRIPT, terminal=True, size=SIZE)
    await output.wait_for(b"ready")
    process = (await engine.find_session(session_id)).process
    assert process is not None
    note, other = SizeJournal.note, TerminalSize(rows=7, columns=77)

    def note_after_another(journal: SizeJournal, size: TerminalSize) -> None:
        monkeypatch.setattr(SizeJournal, "note", note)
        tty.set_size(process, other)
        journal.note(other)
        journal.note(size)

    monkeypatch.setattr(SizeJournal, "note", note_after_another)
    await engine.exec_resize(session_id, TerminalSize(rows=50, columns=150))

    assert tty.get_size(process) == other
    assert await _noted_size(engine, session_id, watch) == other


async def test_a_size_is_set_while_the_monitor_does_nothing(engine: Engine, start: Any) -> None:
    session_id, output = await start("sh", "-c", SCRIPT, terminal=True, size=SIZE)
    await output.wait_for(b"ready")
    monitor = (await engine.find_session(session_id)).monitor
    assert monitor is not None
    send_signal(monitor, signal.SIGSTOP)
    for size in _burst(1):
        await engine.exec_resize(session_id, size)
    assert await _size_of(engine, session_id) == size
    send_signal(monitor, signal.SIGCONT)
    await output.wait_for(b"now %d %d\r\n" % (size.rows, size.columns))


async def test_resize_has_preconditions(
    engine: Engine, info: ContainerInfo, start_detached: Any
) -> None:
    created = await engine.exec_create(info, ExecConfig(command=["sh"], terminal=True))
    with pytest.raises(SessionStateError, match="created"):
        await engine.exec_resize(created, SIZE)
    plain = await start_detached("sleep", "100")
    with pytest.raises(SessionStateError, match="no terminal"):
        await engine.exec_resize(plain, SIZE)
    with pytest.raises(InvalidArgumentError):
        await engine.exec_resize(plain, TerminalSize(rows=0, columns=80))
