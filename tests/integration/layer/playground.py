"""Real sessions beside their models, and what must be true of both at any time."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from hypothesis.stateful import RuleBasedStateMachine, invariant

from runtime.engine import Engine
from runtime.errors import NoSuchSessionError, SessionStateError
from runtime.kernel.proc import is_alive
from runtime.model import EngineSettings, EventName, ProcessIdentity, SessionInfo
from tests.integration.layer.conftest import monitors_of
from tests.integration.layer.session_model import Model

T = TypeVar("T")
PATIENCE = 60.0


class Playground(RuleBasedStateMachine):
    """Sessions of one container in folders of its own, and what must be true of them always."""

    def __init__(self, settings: EngineSettings, container_id: str) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="xt-")
        base = self._folder.name
        self.settings = msgspec.structs.replace(
            settings, state_dir=f"{base}/state", run_dir=f"{base}/run", stop_timeout=0.5
        )
        self._runner = asyncio.Runner()
        self.engine = Engine(self.settings)
        self.run(self.engine.__aenter__())
        self.info = self.run(self.engine.find_container(container_id))
        self.models: list[Model] = []
        self.removed: list[Model] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        async def bounded() -> T:
            async with asyncio.timeout(PATIENCE):
                return await work

        return self._runner.run(bounded())

    def pick(self, pick: int) -> Model:
        return self.models[pick % len(self.models)]

    def refused(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            self.run(work)
        except SessionStateError as error:
            assert error.session_id
            return
        raise AssertionError("this should have been refused")

    async def lines(self) -> dict[str, SessionInfo]:
        # Of the whole host, whoever began them; also what an ended session left behind.
        sessions = await self.engine.sessions()
        return {each.id: each for each in sessions if each.recorded}

    @invariant()
    def all_tell_the_same(self) -> None:
        self._records_tell_what_is()  # first: who looks mends
        self._files_and_monitors_are_those_of_running_sessions()
        self._events_tell_what_happened()

    def _records_tell_what_is(self) -> None:
        lines = self.run(self.lines())
        assert lines.keys() == {each.id for each in self.models}
        for model in self.models:
            line = lines[model.id]
            assert (line.state, line.exit_code) == (model.state, model.exit_code)
            assert line.attached == len(model.viewers)
            assert line.orphaned == model.orphaned
            alive = model.process is not None
            assert (line.pid > 0) == alive
            if alive:
                identity = ProcessIdentity(pid=line.pid, start_time=line.start_time)
                assert identity == model.process
                assert is_alive(identity)

    def _files_and_monitors_are_those_of_running_sessions(self) -> None:
        running = [each for each in self.models if each.running]
        bundles = Path(self.settings.run_dir, "bundles").glob("*/*")
        assert {path.name for path in bundles} == {each.id for each in running}
        monitors = {each.monitor.pid for each in running if each.monitor}
        assert set(monitors_of(self.settings.run_dir)) == monitors

    def _events_tell_what_happened(self) -> None:
        for model in self.models + self.removed:
            events = self.engine.events(session_id=model.id)
            assert Counter(event.name for event in events) == +model.events
            assert events[0].name is EventName.CREATE
            codes = [event.exit_code for event in events if event.name is EventName.DIED]
            assert codes == [model.exit_code] * len(codes)
            removed = events[-1].name is EventName.REMOVE
            assert removed == (model in self.removed)

    def teardown(self) -> None:
        """End all; nothing may be left."""
        for model in self.models:
            for viewer in model.viewers:
                self.run(viewer.leave())
            self.run(self.engine.exec_remove(model.id, force=True))
        for model in self.models + self.removed:
            assert not is_alive(model.process)
            try:
                self.run(self.engine.find_session(model.id))
            except NoSuchSessionError:
                continue
            raise AssertionError("it was removed")
        self.models.clear()
        self._files_and_monitors_are_those_of_running_sessions()
        self.run(self.engine.__aexit__())
        self._runner.close()
        self._folder.cleanup()
