"""The background worker: one thread with one asyncio loop, in which the engine lives.

Commands come in from any thread and are answered by messages. Everything that may wait (locks,
runtimes, the database, /proc) happens here, never on the screen's loop. No failure ends it: what
goes wrong is told as `CommandFailed`, and an engine that broke is opened anew.
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import contextlib
import logging
from collections.abc import Callable, Coroutine

from app.commands import (
    Acknowledge,
    Attach,
    Cleanup,
    CloseInput,
    Command,
    Detach,
    OpenShell,
    Refresh,
    Remove,
    Resize,
    RunExec,
    Stop,
    Write,
)
from app.messages import (
    CommandDone,
    CommandFailed,
    SessionStarted,
    StopProgressed,
    WorkerMessage,
)
from app.ports import EngineFactory, EnginePort
from app.viewer import Viewer
from app.viewers import Viewers
from app.viewing import start_viewing
from app.watching import OverviewWatch, ToldOnce
from runtime.errors import ExectopError

REPORT_HINT = (
    "this is a mistake in exectop, please report it with what you did; the dashboard goes on"
)
REFRESH_INTERVAL = 1.0
RESTART_DELAY = 2.0
LAST_WORK = 3.0

_log = logging.getLogger(__name__)


class EngineWorker:
    """Runs the engine in a thread of its own (`run`), fed by `send`, ended by `close`."""

    def __init__(
        self,
        make_engine: EngineFactory,
        post: Callable[[WorkerMessage], object],
        *,
        refresh_interval: float = REFRESH_INTERVAL,
    ) -> None:
        self._make_engine = make_engine
        self._post_to_app = post
        self._interval = refresh_interval
        self._inbox: collections.deque[Command] = collections.deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._once = ToldOnce(lambda error: self._fail(Refresh(), error))

    # -- called from the screen's thread

    def send(self, command: Command) -> None:
        """Ask for something; returns at once."""
        self._inbox.append(command)
        self._wake_up()

    def close(self) -> None:
        """Leave all sessions running and end the thread soon."""
        self._closed = True
        self._wake_up()

    async def wait_ended(self, timeout: float) -> bool:
        """Wait for the thread's end; whether it came in time."""
        ended = asyncio.wrap_future(self._ended)
        done, _ = await asyncio.wait({ended}, timeout=timeout)
        return bool(done)

    def _wake_up(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._woken.set)

    # -- in the worker's thread

    def run(self) -> None:
        """The thread: returns after `close`."""
        try:
            asyncio.run(self._main())
        finally:
            self._ended.set_result(None)

    async def _main(self) -> None:
        self._woken = asyncio.Event()
        self._refresh = asyncio.Event()
        self._viewers = Viewers()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        try:
            while not self._closed:
                try:
                    await self._serve()
                except Exception as error:  # noqa: BLE001 - the worker outlives every failure
                    self._once.tell("engine", error)
                    self._refuse_inbox(error)
                    await self._wait_woken(RESTART_DELAY)
        finally:
            self._loop = None

    def _refuse_inbox(self, error: Exception) -> None:
        """Without an engine nobody may be left waiting for an answer."""
        while self._inbox:
            command = self._inbox.popleft()
            if not isinstance(command, Refresh | Write | Acknowledge | Resize):
                self._fail(command, error)

    async def _wait_woken(self, timeout: float) -> None:
        self._woken.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._woken.wait()

    async def _serve(self) -> None:
        """Open the engine and serve commands until `close`, or until the engine breaks."""
        async with self._make_engine() as engine:
            watch = OverviewWatch(engine, self._interval, self._refresh, self._post, self._once)
            watcher = asyncio.create_task(watch.run())
            try:
                while not self._closed:
                    while self._inbox:
                        self._serve_one(engine, self._inbox.popleft())
                    await self._woken.wait()
                    self._woken.clear()
            finally:
                watcher.cancel()
                await self._leave_everything(watcher)

    async def _leave_everything(self, watcher: asyncio.Task[None]) -> None:
        """Viewers detach and short work is finished; who waits for a stop stops waiting."""
        self._viewers.leave_all()
        for task in self._tasks:
            if task.get_name() == "stop":
                task.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LAST_WORK)
            for task in late:
                task.cancel()
        await asyncio.gather(watcher, *self._tasks, return_exceptions=True)

    # -- commands

    def _serve_one(self, engine: EnginePort, command: Command) -> None:
        try:
            self._dispatch(engine, command)
        except Exception as error:  # noqa: BLE001 - one bad request must not end the others
            self._fail(command, error)

    def _dispatch(self, engine: EnginePort, command: Command) -> None:
        match command:
            case Refresh():
                self._refresh.set()
            case OpenShell() | Attach() | RunExec(detach=False):
                viewer = Viewer(command.attachment, command.size, self._post, self._fail)
                self._viewers.add(viewer)
                self._spawn(command, self._view(engine, viewer, command), "viewer")
            case RunExec():
                self._spawn(command, self._start_detached(engine, command))
            case Write() | CloseInput() | Acknowledge() | Resize() | Detach():
                self._viewers.tell(command)
            case Stop(session_ids=ids, timeout=timeout):
                for session_id in ids:
                    one = Stop((session_id,), timeout)
                    self._spawn(one, self._stop(engine, session_id, timeout), "stop")
            case Cleanup(session_ids=ids):
                for session_id in ids:
                    clean = Cleanup((session_id,))
                    self._spawn(clean, self._settle(clean, engine.exec_cleanup(session_id)))
            case Remove(session_ids=ids, force=force):
                for session_id in ids:
                    remove = Remove((session_id,), force)
                    work = engine.exec_remove(session_id, force=force)
                    self._spawn(remove, self._settle(remove, work))

    async def _view(
        self, engine: EnginePort, viewer: Viewer, command: OpenShell | Attach | RunExec
    ) -> None:
        try:
            attachment, tty = await start_viewing(engine, viewer, command, self._post)
            self._refresh.set()
            await viewer.run(engine, attachment, tty=tty)
        finally:
            self._viewers.remove(viewer)

    async def _start_detached(self, engine: EnginePort, command: RunExec) -> None:
        session_id = await engine.exec_create(command.container, command.config)
        await engine.exec_start(session_id, command.size if command.config.terminal else None)
        self._post(SessionStarted(session_id, command.container.name))

    async def _stop(self, engine: EnginePort, session_id: str, timeout: float) -> None:
        async for step in engine.exec_stop_steps(session_id, timeout):
            self._post(StopProgressed(step))

    async def _settle(self, command: Cleanup | Remove, work: Coroutine[None, None, None]) -> None:
        await work
        self._post(CommandDone(command, command.session_ids[0]))

    def _spawn(
        self, command: Command, work: Coroutine[None, None, None], name: str = "command"
    ) -> None:
        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - every failure becomes a message
                self._fail(command, error)
            finally:
                self._refresh.set()

        task = asyncio.create_task(guarded(), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- telling the app

    def _fail(self, command: Command, error: BaseException) -> None:
        if not isinstance(error, ExectopError):
            _log.error("%s failed", type(command).__name__, exc_info=error)
            error = unexpected_error(type(command).__name__, error)
        self._post(CommandFailed(command, error))

    def _post(self, message: WorkerMessage) -> None:
        try:
            self._post_to_app(message)
        except RuntimeError:
            # The screen's loop is already closed: nobody is left to be told.
            _log.debug("dropped %s after the screen closed", type(message).__name__)


def unexpected_error(what: str, error: BaseException) -> ExectopError:
    """The error a user sees for an exception that nobody foresaw."""
    detail = str(error) or "no details"
    return ExectopError(f"{what} failed: {type(error).__name__}: {detail}", hint=REPORT_HINT)
