"""The interface to whatever starts a session's process and watches over it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Protocol

import msgspec

from runtime.kernel.pidfd import wait_ended
from runtime.model import ContainerInfo, ProcessIdentity
from runtime.oci.bundle import ExecBundle
from runtime.oci.reports import next_report


class StartRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to start. `bundle` exists.

    `process_spec` gives the process spec as JSON; it is asked for while the monitor starts, and
    what it raises ends the start. `umask` is the process's: runc leaves it as it finds it.
    `keep_output` is how much output to keep in bytes: None keeps none, 0 has no bound.
    """

    container: ContainerInfo
    session_id: str
    bundle: ExecBundle
    process_spec: Callable[[], bytes]
    umask: int = 0o022
    terminal: bool
    stdin: bool
    keep_output: int | None = None
    exit_command: list[str] = []
    exit_command_delay: int = 0
    preserve_fds: int = 0
    preserve_fd: list[int] = []

    @property
    def descriptors(self) -> list[int]:
        """Our descriptors that the process gets, under the same numbers."""
        return sorted({*range(3, 3 + self.preserve_fds), *self.preserve_fd})


class StartedProcess:
    """A running session: its first process, its monitor, and the way to both.

    `connection` is the attach socket, connected before the process started, so that not a byte
    is missed; None where it was not asked for. `reports` is the monitor's sync pipe, on which
    the exit code comes. Whoever gets this closes both.
    """

    def __init__(
        self,
        process: ProcessIdentity,
        monitor: ProcessIdentity | None,
        reports: socket.socket,
        connection: socket.socket | None,
    ) -> None:
        self.process = process
        self.monitor = monitor
        self.reports = reports
        self.connection = connection

    async def wait_exit_code(self, timeout: float) -> int | None:
        """The exit code that the monitor reports; None when it reports none in `timeout` seconds.

        To be awaited once the output has ended; a monitor that died reports none.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                report = await next_report(self.reports)
                if report is not None:
                    return None if report.failed else report.data
                await wait_ended(self.monitor)  # it is about to be gone
        return None

    def close(self) -> None:
        """Let go of both sockets; the session goes on."""
        self.reports.close()
        if self.connection is not None:
            self.connection.close()


class Monitor(Protocol):
    """Starts sessions. `runtime.oci.conmon.Conmon` is the real one, `fake` a scripted double."""

    async def start(self, request: StartRequest, *, attach: bool) -> StartedProcess:
        """Start the session's process; return once its pid is known.

        Raises OCIRuntimeError (or ContainerStateError) when the runtime refuses, ConmonError when
        the monitor fails. After an error, or when cancelled, no process is left.
        """
