"""The dashboard's own path of a size, from its worker to the program, on the real engine."""

from __future__ import annotations

import queue
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.commands import Acknowledge, Resize, RunExec, Write
from app.messages import OutputArrived, WorkerMessage
from app.worker import EngineWorker
from runtime.engine import Engine
from runtime.model import EngineSettings, ExecConfig, TerminalSize

PATIENCE = 30.0
BURST = 60
# Reads nothing, and tells every size it learns of.
SCRIPT = "stty raw -echo; trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"


class Screens:
    """Stands for the screens: takes what the worker tells, and acknowledges it."""

    def __init__(self, settings: EngineSettings) -> None:
        self._told: queue.Queue[WorkerMessage] = queue.Queue()
        self.worker = EngineWorker(lambda: Engine(settings), self._told.put, refresh_interval=60)
        self._thread = threading.Thread(target=self.worker.run)
        self._seen: dict[int, bytes] = {}
        self._thread.start()

    def wait_for(self, attachment: int, text: bytes) -> None:
        """Wait until the program printed `text`; what came before it is forgotten."""
        while text not in self._seen.get(attachment, b""):
            message = self._told.get(timeout=PATIENCE)
            if isinstance(message, OutputArrived):
                self._seen[message.attachment] = (
                    self._seen.get(message.attachment, b"") + message.data
                )
                self.worker.send(Acknowledge(message.attachment, len(message.data)))
        self._seen[attachment] = self._seen[attachment].partition(text)[2]

    def close(self) -> None:
        self.worker.close()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
async def screens(engine_settings: EngineSettings) -> AsyncIterator[Screens]:
    made = Screens(engine_settings)
    yield made
    made.close()
    async with Engine(engine_settings) as engine:
        for session in await engine.sessions():
            await engine.exec_remove(session.id, force=True)


@pytest.mark.parametrize("pasting", [False, True])
async def test_a_burst_of_window_changes_ends_at_the_last_size(
    screens: Screens, container: Any, times: int, pasting: bool
) -> None:
    size = TerminalSize(rows=24, columns=80)
    config = ExecConfig(command=["sh", "-c", SCRIPT], terminal=True, attach_stdin=True)
    screens.worker.send(RunExec(1, container.info, config, size))
    screens.wait_for(1, b"ready")
    if pasting:
        screens.worker.send(Write(1, bytes(1_000_000)))
    for number in range(times):
        for step in range(BURST):
            size = TerminalSize(rows=20 + number, columns=100 + step)
            screens.worker.send(Resize(1, size))
        screens.wait_for(1, b"%d %d\n" % (size.rows, size.columns))
