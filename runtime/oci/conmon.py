"""conmon: the monitor that outlives us, holds the session's terminal and notes its exit code.

The order of the start (conmon src/conmon.c, libpod oci_conmon_exec_common.go startExec):
start byte, `{"data": 0}` on the attach pipe once the attach socket listens, our connection to it,
second start byte, then `{"data": PID}` on the sync pipe once the runtime has started the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from runtime.errors import ConmonError, ContainerStateError, ExectopError, StateError
from runtime.kernel.beneath import open_file, read_file
from runtime.kernel.cgroup_lock import make_ready
from runtime.kernel.pidfd import wait_ended
from runtime.kernel.proc import identify
from runtime.kernel.seqpacket import connect, send, socketpair
from runtime.model import ProcessIdentity
from runtime.oci.abort import child_of, end_start, noted_monitor
from runtime.oci.base import StartedProcess, StartRequest
from runtime.oci.binary import find_program, find_runtime
from runtime.oci.conmon_arguments import conmon_arguments, conmon_environment
from runtime.oci.descriptors import above, filled
from runtime.oci.reports import next_report
from runtime.protocol.runtime_error import last_error_of_log, translate

# libpod gives the runtime four minutes (ContainerCreateTimeout), for slow disks and images.
START_TIMEOUT = 240.0
# How long conmon may take, in seconds, from its start byte to the end of its first process.
_LAUNCHER_PATIENCE = 5.0
# In bytes. What says why a start failed is a line or two.
_LARGEST_LOG = 1024 * 1024
# After how many seconds without a start the kernel may let nobody into a cgroup at once.
_QUIET = 0.02


class Conmon:
    """Starts sessions over the real conmon."""

    def __init__(self, conmon: str, runtimes: dict[str, str]) -> None:
        """`conmon` is its name or path, `runtimes` the same for each runtime by name."""
        self._conmon = conmon
        self._runtimes = runtimes
        self._last_start = -_QUIET

    async def start(self, request: StartRequest, *, attach: bool) -> StartedProcess:
        """See `runtime.oci.base.Monitor.start`."""
        program = find_program(self._conmon)
        runtime = find_runtime(request.container, self._runtimes)
        self._ease_joining()
        with _Start(request) as start:
            start.launch(program, runtime)
            request.bundle.write_process_spec(request.process_spec())
            start.go()
            try:
                async with asyncio.timeout(START_TIMEOUT):
                    return await start.run(attach=attach)
            except TimeoutError as error:
                raise ConmonError(
                    f"the OCI runtime did not start the process within {START_TIMEOUT:.0f} s",
                    hint="look at the container's state with its runtime",
                    session_id=request.session_id,
                ) from error

    def _ease_joining(self) -> None:
        """See `cgroup_lock`; the lock stays quick for longer than this pause."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._last_start > _QUIET:
            loop.run_in_executor(None, make_ready)
        self._last_start = loop.time()


class _Start:
    """One start under way. Left by an error, it kills the monitor before it closes the pipes.

    The order matters: conmon takes a closed start pipe for a start byte.
    """

    def __init__(self, request: StartRequest) -> None:
        self._request = request
        self._sync, self._their_sync = socketpair()
        self._start, self._their_start = socketpair()
        self._attach, self._their_attach = socketpair()
        self._their_sync, self._their_start, self._their_attach = (
            above(each, request.descriptors) for each in self._theirs()
        )
        self._launcher: subprocess.Popen[bytes] | None = None
        self._going = False
        self._monitor: ProcessIdentity | None = None
        self._connection: socket.socket | None = None

    def __enter__(self) -> _Start:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._abort()
        for each in (self._start, self._attach, *self._theirs()):
            each.close()

    def _theirs(self) -> tuple[socket.socket, ...]:
        return self._their_sync, self._their_start, self._their_attach

    def _abort(self) -> None:
        if self._launcher is not None:
            self._end_launcher(self._launcher)
        monitor = self._monitor or noted_monitor(self._request.bundle)
        if monitor is not None:
            end_start(monitor)
        self._sync.close()
        if self._connection is not None:
            self._connection.close()

    def _end_launcher(self, launcher: subprocess.Popen[bytes]) -> None:
        # One that has the start byte is about to fork and to note the monitor's pid; killed in
        # between it would leave a monitor that nobody knows of.
        if self._going:
            with contextlib.suppress(subprocess.TimeoutExpired):
                launcher.wait(_LAUNCHER_PATIENCE)
        launcher.kill()
        launcher.wait()

    def launch(self, program: str, runtime: str) -> None:
        """Run conmon, which loads its libraries and then waits for its start byte."""
        self._launcher = self._spawn([program, *conmon_arguments(self._request, runtime)])
        for each in self._theirs():
            each.close()

    def go(self) -> None:
        """Give conmon its start byte: it forks, and its first process ends."""
        self._going = True
        with contextlib.suppress(OSError):  # one that has ended is told of by its pipes
            self._start.send(b"\0")

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        bundle = self._request.bundle
        pipes = [each.fileno() for each in self._theirs()]
        with _private_file(bundle.monitor_log) as log:
            try:
                return subprocess.Popen(
                    filled(command, self._request.descriptors),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    cwd=bundle.folder,
                    env=conmon_environment(self._request, *pipes),
                    pass_fds=pipes + self._request.descriptors,
                    start_new_session=True,
                    umask=self._request.umask,
                )
            except OSError as error:
                raise ConmonError(f"cannot run {command[0]}: {error.strerror}") from error

    async def run(self, *, attach: bool) -> StartedProcess:
        """Go through the protocol up to the pid."""
        request = self._request
        if await next_report(self._attach) is None:
            raise self._monitor_failed()
        if attach:
            self._connection = await connect(request.bundle.attach_socket)
        # conmon makes it with mode 0700, which is more than a socket has use for.
        with contextlib.suppress(FileNotFoundError):
            request.bundle.attach_socket.chmod(0o600)
        await self._byte()
        await self._find_monitor()
        report = await next_report(self._sync)
        if report is None or report.failed:
            raise self._runtime_failed(report.message if report else "")
        process = child_of(self._monitor, report.data)
        if request.terminal:
            await _unblock_terminal(request.bundle.attach_socket)
        # A process that ended within this moment leaves no start time to read; 0 fits no process.
        process = process or ProcessIdentity(pid=report.data, start_time=0)
        return StartedProcess(process, self._monitor, self._sync, self._connection)

    async def _find_monitor(self) -> None:
        """Learn the monitor's pid, which the first process notes before it ends."""
        launcher = self._launcher
        assert launcher is not None
        if launcher.poll() is None:
            await wait_ended(identify(launcher.pid))
        if launcher.wait() != 0:
            raise self._monitor_failed()
        self._monitor = noted_monitor(self._request.bundle)

    async def _byte(self) -> None:
        try:
            await send(self._start, b"\0")
        except OSError as error:
            raise self._monitor_failed() from error

    def _monitor_failed(self) -> ExectopError:
        text = " ".join(_read_text(self._request.bundle.monitor_log).split())
        return ConmonError(
            f"conmon failed: {text or 'it ended without a word'}",
            hint="check the paths and versions of conmon and the OCI runtime",
            session_id=self._request.session_id,
        )

    def _runtime_failed(self, message: str) -> ExectopError:
        # crun with a terminal sends no message: then only its own log tells.
        bundle = self._request.bundle
        logged = last_error_of_log(_read_text(bundle.runtime_log).encode())
        if not message and not logged:
            return self._monitor_failed()
        ids = {
            "container_id": self._request.container.id,
            "session_id": self._request.session_id,
        }
        error = translate(message or logged, **ids)
        if logged and not isinstance(error, ContainerStateError) and error.exit_code == 125:
            return translate(logged, **ids)
        return error


async def _unblock_terminal(path: Path) -> None:
    # conmon before 2.2 makes the terminal's master non-blocking only when a client connects after
    # the terminal exists; without that, a large paste into a busy program blocks it for ever. It
    # keeps stdin open (--leave-stdin-open), so connecting and leaving does no harm.
    with contextlib.suppress(OSError):  # the session may have ended already
        (await connect(path)).close()


@contextlib.contextmanager
def _private_file(path: Path) -> Iterator[int]:
    try:
        descriptor = open_file(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    except OSError as error:
        raise StateError(
            f"cannot write to the exec bundle {path.parent}: {error.strerror}",
            hint="check that the run folder is writable and has room",
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read_text(file: Path) -> str:
    try:
        return read_file(file, _LARGEST_LOG).decode(errors="replace")
    except OSError:
        return ""
