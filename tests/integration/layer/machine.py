"""The rules by which hypothesis plays with real sessions.

Steps that a session's state does not allow are taken, too: they must be refused.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from runtime.kernel.pidfd import send_signal, wait_ended
from runtime.kernel.proc import is_alive
from runtime.kernel.tty import get_size
from runtime.model import EventName, ExecConfig, ExecState, ProcessIdentity, TerminalSize
from tests.integration.layer.conftest import Screenful
from tests.integration.layer.playground import PATIENCE, Playground
from tests.integration.layer.session_model import KINDS, VIEWER, Kind, Model

MOST = 4
SIZES = st.builds(TerminalSize, rows=st.integers(2, 200), columns=st.integers(2, 300))
PICK = st.integers(0, MOST - 1)


class LayerMachine(Playground):
    """What may happen to a session, by verbs and by the world."""

    # -- beginning

    @initialize()
    def begin_with_something_to_play_with(self) -> None:
        for pick, kind in enumerate(KINDS):
            self.create(kind)
            self.start(pick, attach=True, size=TerminalSize(rows=24, columns=80))

    @precondition(lambda self: len(self.models) < MOST)
    @rule(kind=st.sampled_from(KINDS))
    def create(self, kind: Kind) -> None:
        config = ExecConfig(command=list(kind.command), terminal=kind.terminal)
        model = Model(self.run(self.engine.exec_create(self.info, config)), kind)
        model.events[EventName.CREATE] += 1
        self.models.append(model)

    @precondition(lambda self: self.models)
    @rule(pick=PICK, attach=st.booleans(), size=SIZES)
    def start(self, pick: int, attach: bool, size: TerminalSize) -> None:
        model = self.pick(pick)
        begin = self.engine.exec_start_and_attach if attach else self.engine.exec_start
        if model.state is not ExecState.CREATED:
            self.refused(begin(model.id, size))
            return
        attachment = self.run(begin(model.id, size))
        model.state = ExecState.RUNNING
        model.events[EventName.START] += 1
        session = self.run(self.engine.find_session(model.id))
        model.process, model.monitor = session.process, session.monitor
        if attachment is not None:
            self._view(model, attachment)

    def _view(self, model: Model, attachment: Any) -> None:
        async def begin() -> Screenful:
            return Screenful(attachment)

        model.viewers.append(self.run(begin()))
        model.events[EventName.ATTACH] += 1

    # -- viewing

    @precondition(lambda self: self.models)
    @rule(pick=PICK)
    def attach(self, pick: int) -> None:
        model = self.pick(pick)
        if not model.running:
            self.refused(self.engine.attach(model.id))
            return
        self._view(model, self.run(self.engine.attach(model.id)))

    @precondition(lambda self: any(each.viewers for each in self.models))
    @rule(pick=PICK)
    def detach(self, pick: int) -> None:
        viewed = [each for each in self.models if each.viewers]
        model = viewed[pick % len(viewed)]
        self.run(model.viewers.pop().leave())
        model.events[EventName.DETACH] += 1

    @precondition(lambda self: any(each.viewers for each in self.models))
    @rule(pick=PICK, word=st.text("abcxyz", min_size=4, max_size=40))
    def write(self, pick: int, word: str) -> None:
        viewed = [each for each in self.models if each.viewers]
        model = viewed[pick % len(viewed)]
        line = f"{word}-{sum(model.events.values())}".encode()
        if not model.kind.terminal:
            self.refused(model.viewers[-1].attachment.write(line))
            return
        self.run(model.viewers[-1].attachment.write(line + b"\n"))
        for viewer in model.viewers:  # the terminal's echo, or cat's answer
            self.run(viewer.wait_for(line, PATIENCE))

    @precondition(lambda self: self.models)
    @rule(pick=PICK, size=SIZES)
    def resize(self, pick: int, size: TerminalSize) -> None:
        model = self.pick(pick)
        if not (model.running and model.kind.terminal):
            self.refused(self.engine.exec_resize(model.id, size))
            return
        self.run(self.engine.exec_resize(model.id, size))
        model.events[EventName.RESIZE] += 1
        assert model.process is not None
        assert get_size(model.process) == size

    # -- ending

    @precondition(lambda self: self.models)
    @rule(pick=PICK, timeout=st.sampled_from([0.0, 0.5]))
    def stop(self, pick: int, timeout: float) -> None:
        model = self.pick(pick)
        if not (model.running or model.orphaned):
            self.refused(self.engine.exec_stop(model.id, timeout))
            return
        self.run(self.engine.exec_stop(model.id, timeout))
        model.events[EventName.STOP] += 1
        self._now_ended(model, model.kind.asked if timeout else 128 + signal.SIGKILL)

    def _now_ended(self, model: Model, exit_code: int | None) -> None:
        if model.orphaned:
            model.process = None  # its code was lost with its monitor
            return
        for viewer in model.viewers:
            assert self.run(viewer.wait_ended(PATIENCE)) == exit_code
            self.run(viewer.leave())
        model.viewers.clear()
        model.ended(exit_code)

    @precondition(lambda self: self.models)
    @rule(pick=PICK)
    def cleanup(self, pick: int) -> None:
        model = self.pick(pick)
        if model.running:
            self.refused(self.engine.exec_cleanup(model.id))
            return
        self.run(self.engine.exec_cleanup(model.id))
        model.events[EventName.CLEANUP] += 1

    @precondition(lambda self: self.models)
    @rule(pick=PICK, force=st.booleans())
    def remove(self, pick: int, force: bool) -> None:
        model = self.pick(pick)
        alive = model.running or model.orphaned
        if alive and not force:
            self.refused(self.engine.exec_remove(model.id))
            return
        process = model.process
        self.run(self.engine.exec_remove(model.id, force=force))
        if alive:
            model.events[EventName.STOP] += 1
            self._now_ended(model, model.kind.asked)
        assert not is_alive(process)
        model.events[EventName.REMOVE] += 1
        self.models.remove(model)
        self.removed.append(model)

    # -- what the world does

    @precondition(lambda self: any(each.process for each in self.models))
    @rule(pick=PICK)
    def kill_process(self, pick: int) -> None:
        living = [each for each in self.models if each.process]
        model = living[pick % len(living)]
        monitor = model.monitor if model.running else None
        self._kill(model.process)
        self.run(wait_ended(monitor))
        self._now_ended(model, 128 + signal.SIGKILL)

    @precondition(lambda self: any(each.running for each in self.models))
    @rule(pick=PICK)
    def kill_monitor(self, pick: int) -> None:
        running = [each for each in self.models if each.running]
        model = running[pick % len(running)]
        process = model.process
        self._kill(model.monitor)
        if not model.kind.outlives_monitor:
            self.run(wait_ended(process))  # its terminal hangs up
        self._now_ended(model, None)
        if model.kind.outlives_monitor:
            model.process = process

    def _kill(self, process: ProcessIdentity | None) -> None:
        assert process is not None
        assert send_signal(process, signal.SIGKILL)
        self.run(wait_ended(process))

    @precondition(lambda self: any(each.running for each in self.models))
    @rule(pick=PICK)
    def kill_viewer(self, pick: int) -> None:
        running = [each for each in self.models if each.running]
        model = running[pick % len(running)]
        self.run(self._view_and_be_killed(model))
        model.events[EventName.ATTACH] += 1  # and nobody told that it left

    async def _view_and_be_killed(self, model: Model) -> None:
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", VIEWER, msgspec.json.encode(self.settings), model.id),
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": str(Path.cwd())},
        )
        try:
            assert program.stdout is not None
            assert await program.stdout.readline() == b"attached\n"
            assert (await self.lines())[model.id].attached == len(model.viewers) + 1
        finally:
            program.kill()
            await program.wait()
