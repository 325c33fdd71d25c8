"""A megabyte pasted into a program that is busy for a second arrives whole, time and again.

`make test ARGS="-k paste --times 100"` pastes a hundred times of each kind; else a few have to do.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import hashlib
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from runtime.engine import Engine
from runtime.model import ContainerInfo, Ended, ExecConfig, ExecState, Output, TerminalSize
from runtime.sessions.attachment import Attachment

SIZE = TerminalSize(rows=24, columns=80)
PATIENCE = 60.0
AT_ONCE = 4

LINE = b"0123456789" * 9 + b"abcdefghi\n"
LINES = LINE * 10_000
BYTES = random.Random(1).randbytes(len(LINES))

# How the terminal is set, what is pasted, and what reads it first.
KINDS = {
    "bytes": ("stty raw -echo", BYTES, "cat"),
    "bracketed": (
        r"stty raw -echo; printf '\033[?2004h'",
        b"\x1b[200~" + BYTES + b"\x1b[201~",
        "cat",
    ),
    # In canonical mode the kernel cuts lines after 4095 bytes (termios(3)); so these are shorter.
    "lines, echoed by the terminal": ("stty sane", LINES, "cat"),
    "bytes, echoed by the terminal": ("stty raw echo", LINES, "cat"),
    "bytes, copied back by the program": ("stty raw -echo", BYTES, "tee /dev/tty"),
}


@contextlib.asynccontextmanager
async def _attached(
    engine: Engine, info: ContainerInfo, script: str
) -> AsyncIterator[tuple[str, Attachment]]:
    config = ExecConfig(command=["sh", "-c", script], terminal=True, attach_stdin=True)
    session_id = await engine.exec_create(info, config)
    attachment = await engine.exec_start_and_attach(session_id, SIZE)
    try:
        yield session_id, attachment
    finally:
        await attachment.close()
        await engine.exec_remove(session_id, force=True)


async def _paste(engine: Engine, info: ContainerInfo, kind: str) -> str:
    """Paste once; gives what came of it, "whole" if all arrived."""
    modes, data, reader = KINDS[kind]
    script = f"{modes}; echo ready; sleep 1; head -c {len(data)} | {reader} | sha256sum"
    seen, exit_code = b"", None
    async with _attached(engine, info, script) as (_, attachment):
        pasting = None
        try:
            async with asyncio.timeout(PATIENCE):
                async for event in attachment.events():
                    if isinstance(event, Output):
                        seen += event.data
                    elif isinstance(event, Ended):
                        exit_code = event.exit_code
                    if pasting is None and b"ready" in seen:
                        pasting = asyncio.create_task(attachment.write(data))
                assert pasting is not None
                await pasting
        except TimeoutError:
            return f"hangs, after {len(seen)} bytes of output"
        finally:
            if pasting is not None:
                pasting.cancel()
                await asyncio.wait([pasting])
    whole = exit_code == 0 and hashlib.sha256(data).hexdigest().encode() in seen
    return "whole" if whole else f"exit code {exit_code}, {seen[-100:]!r}"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_paste_into_a_busy_program_arrives_whole(
    engine: Engine, info: ContainerInfo, kind: str, times: int
) -> None:
    turn = asyncio.Semaphore(AT_ONCE)

    async def once() -> str:
        async with turn:
            return await _paste(engine, info, kind)

    results = collections.Counter(await asyncio.gather(*(once() for _ in range(times))))
    assert results == {"whole": times}


async def test_a_paste_waits_for_nobody_to_look_at_its_echo(
    engine: Engine, info: ContainerInfo
) -> None:
    script = f"stty raw echo; echo ready; head -c {len(LINES)} | sha256sum"
    async with _attached(engine, info, script) as (_, attachment):
        seen = b""
        async with asyncio.timeout(PATIENCE), contextlib.aclosing(attachment.events()) as events:
            async for event in events:
                if isinstance(event, Output):
                    seen += event.data
                    if seen.endswith(b"ready\n"):
                        await attachment.write(LINES)  # and nothing is taken meanwhile
    assert hashlib.sha256(LINES).hexdigest().encode() in seen


async def test_a_paste_that_is_not_read_holds_nobody_up(
    engine: Engine, info: ContainerInfo, watch: Any
) -> None:
    script = "stty raw -echo; trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done"
    async with _attached(engine, info, script) as (session_id, attachment):
        mine = watch(attachment)
        await mine.wait_for(b"ready")
        pasting = asyncio.create_task(attachment.write(BYTES))
        other = watch(await engine.attach(session_id))
        await other.wait_for(b"ready")

        await engine.exec_resize(session_id, TerminalSize(rows=33, columns=99))
        await other.wait_for(b"33 99")
        await mine.wait_for(b"33 99")
        assert not pasting.done()

        # Whoever pastes may leave, and the session can be ended.
        pasting.cancel()
        await asyncio.wait([pasting])
        await mine.leave()
        await engine.exec_stop(session_id, 0)
        assert await other.wait_ended() == 137
        assert (await engine.find_session(session_id)).state is ExecState.STOPPED
