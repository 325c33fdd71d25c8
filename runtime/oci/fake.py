"""A scripted double of the monitor: sessions are coroutines, and no container is needed.

For tests of what is built on the layer. All but conmon and the OCI runtime is the real thing:
records, events, bundles, attachments, kept output. A session's process and its monitor are
stand-ins, real processes that do nothing, so that they can be signalled, stopped and killed. What
the double does not do: it runs no exit command, keeps all output however small the cap, and does
not bring in the end of a container.

    async def shell(session: FakeSession) -> int:
        await session.write(b"$ ")
        return 0 if await session.read() == b"exit\\n" else 1

    async with FakeMonitor(shell) as monitor, Engine(settings, monitor) as engine:
        ...
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from runtime.errors import ExectopError
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.seqpacket import connect, socketpair
from runtime.oci.base import StartedProcess, StartRequest
from runtime.oci.fake_process import StandIn
from runtime.oci.fake_session import FakeSession

Script = Callable[[FakeSession], Awaitable[int]]
"""Plays a session; gives the exit code."""


class FakeMonitor:
    """Starts sessions that follow a script. Use as `async with FakeMonitor(script) as monitor`.

    `script` and `refusal` may be changed at any time, and are for the sessions that start from
    then on. `requests` are all that was asked for.
    """

    def __init__(self, script: Script, *, refusal: ExectopError | None = None) -> None:
        """`refusal`, where it is given, is what starting a session raises."""
        self.script = script
        self.refusal = refusal
        self.requests: list[StartRequest] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> FakeMonitor:
        """Nothing runs before a session is started."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all that runs. Raises what a script raised."""
        for task in self._tasks:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    async def start(self, request: StartRequest, *, attach: bool) -> StartedProcess:
        """See `runtime.oci.base.Monitor.start`."""
        self.requests.append(request)
        request.bundle.write_process_spec(request.process_spec())
        if self.refusal is not None:
            raise self.refusal
        with contextlib.ExitStack() as stack:
            process = stack.enter_context(StandIn(terminal=request.terminal))
            monitor = stack.enter_context(StandIn())
            session = stack.enter_context(FakeSession(request, process))
            reports, theirs = socketpair()
            stack.enter_context(theirs)
            connection = await connect(request.bundle.attach_socket) if attach else None
            session.accept()
            task = asyncio.create_task(_play(self.script, session, process, monitor))
            # Not in the task itself: one that is cancelled before its first step does nothing.
            left = stack.pop_all()
            task.add_done_callback(lambda _: left.close())
        self._tasks.add(task)
        request.bundle.pid_file.write_text(str(process.identity.pid))
        request.bundle.monitor_pid_file.write_text(str(monitor.identity.pid))
        session.reports = theirs
        return StartedProcess(process.identity, monitor.identity, reports, connection)


async def _play(script: Script, session: FakeSession, process: StandIn, monitor: StandIn) -> None:
    """Follow the script until it ends, or the process or the monitor is killed."""
    playing = asyncio.ensure_future(script(session))
    killed = asyncio.ensure_future(wait_ended(process.identity))
    alone = asyncio.ensure_future(wait_ended(monitor.identity))
    try:
        await asyncio.wait([playing, killed, alone], return_when=asyncio.FIRST_COMPLETED)
        if alone.done():  # nobody is left to tell how the process ends
            session.hang_up()
            await killed
        elif playing.done():
            exit_code = playing.result()
            process.end()
            session.end(exit_code)
        else:
            session.end(process.exit_code())
    finally:
        for each in (playing, killed, alone):
            each.cancel()
        await asyncio.gather(playing, killed, alone, return_exceptions=True)
