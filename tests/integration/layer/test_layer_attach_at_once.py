"""Viewers that come in the very moment in which a session prints."""

from __future__ import annotations

from typing import Any

from runtime.engine import Engine

# Without care a viewer misses its bell in one of these out of three.
TRIES = 25


async def test_what_is_printed_while_a_viewer_connects_is_shown_at_once(
    engine: Engine, start_detached: Any, watch: Any
) -> None:
    for _ in range(TRIES):
        session_id = await start_detached("sh", "-c", "echo before; read x", terminal=True)
        output = watch(await engine.attach(session_id))
        await output.wait_for(b"before")
        await output.leave()
        await engine.exec_remove(session_id, force=True)
