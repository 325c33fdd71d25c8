"""Connections to a stranger's session that stay open when we leave, or die.

They are had from a program of their session's own (`runtime.sessions.programs.keeper`), which is
started for the first of them and ends with the session. Files, below the run folder:
`keepers/PID-START` is its socket, named after conmon, and `keepers/PID-START.lock` is locked for
as long as it runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec

from runtime.errors import SessionStateError, StateError
from runtime.kernel.flock import try_lock
from runtime.kernel.folders import make_private
from runtime.kernel.pidfd import wait_readable
from runtime.kernel.seqpacket import connect
from runtime.model import ProcessIdentity
from runtime.sessions.programs import keeper

_PATIENCE = 10.0
_PAUSE = 0.02
_BACKLOG = 64
_LONGEST_ANSWER = 512


class KeptConnection(msgspec.Struct, frozen=True):
    """A connection to conmon; it is the keeper's again when `lease` is closed."""

    connection: socket.socket
    lease: socket.socket

    def close(self) -> None:
        """Give it back."""
        self.connection.close()
        self.lease.close()


class Keeper:
    """The keeper of one session, that of the conmon `monitor` with its socket `attach`."""

    def __init__(self, folder: Path, monitor: ProcessIdentity, attach: Path) -> None:
        """`folder` is where the keepers' files are; it need not be there."""
        self._folder = folder
        self._monitor = monitor
        self._attach = attach
        self.socket = folder / f"{monitor.pid}-{monitor.start_time}"
        self.lock = self.socket.with_name(f"{self.socket.name}.lock")

    async def connection(self) -> KeptConnection:
        """A connection to conmon; the keeper is started if there is none.

        Raises SessionStateError where conmon is not to be connected to, and StateError where no
        keeper can be started.
        """
        with contextlib.ExitStack() as unless_given, contextlib.ExitStack() as always:
            try:
                lease = unless_given.enter_context(await self._reach(always))
                answer, descriptors = await _receive(lease)
            except (OSError, TimeoutError) as error:
                reason = str(error) or "it does not answer"
                raise StateError(
                    f"no program keeps the session's input open: {reason}",
                    hint="check that the run folder is writable and has room",
                ) from error
            if not descriptors:
                raise SessionStateError(
                    f"cannot connect to conmon {self._monitor.pid}: {answer[1:].decode()}",
                    hint="the session has just ended, or a viewer that reads nothing holds it up",
                )
            connection = socket.socket(fileno=descriptors[0])
            connection.setblocking(False)
            unless_given.pop_all()
            return KeptConnection(connection, lease)

    async def _reach(self, stack: contextlib.ExitStack) -> socket.socket:
        """Connect to the keeper, who may be about to begin, or to end."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE
        while True:
            self._start_if_none(stack)
            try:
                return await connect(self.socket)
            except (FileNotFoundError, ConnectionRefusedError):
                if loop.time() > deadline:
                    raise
            # Another is between locking the file and listening: nothing tells when it does.
            await asyncio.sleep(_PAUSE)

    def _start_if_none(self, stack: contextlib.ExitStack) -> None:
        make_private(self._folder)
        lock = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if try_lock(lock) and _is_still(lock, self.lock):
                self._start(lock, stack)
        finally:
            os.close(lock)

    def _start(self, lock: int, stack: contextlib.ExitStack) -> None:
        _clear_abandoned(self._folder)
        self.socket.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            _bind(listener, self.socket)
            listener.listen(_BACKLOG)
            words = [sys.executable, "-I", "-S", keeper.__file__, str(listener.fileno())]
            words += [str(self._attach), str(self._monitor.pid), str(self._monitor.start_time)]
            words += [str(self.socket), str(self.lock)]
            starter = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(listener.fileno(), lock),
                start_new_session=True,
            )
        # It forks: by the time that the keeper answers the one we started is of no use any more.
        stack.callback(starter.wait)
        stack.callback(starter.kill)


def _clear_abandoned(folder: Path) -> None:
    """Remove the files of keepers that were killed."""
    for lock in folder.glob("*.lock"):
        with contextlib.suppress(OSError):
            descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if try_lock(descriptor) and _is_still(descriptor, lock):
                    lock.with_suffix("").unlink(missing_ok=True)
                    lock.unlink()
            finally:
                os.close(descriptor)


async def _receive(lease: socket.socket) -> tuple[bytes, list[int]]:
    async with asyncio.timeout(_PATIENCE):
        await wait_readable(lease.fileno())
    try:
        answer, descriptors, _, _ = socket.recv_fds(lease, _LONGEST_ANSWER, 1)
    except ConnectionError:
        answer, descriptors = b"", []
    if not answer:
        raise ConnectionResetError("it ended at once")
    return answer, descriptors


def _bind(listener: socket.socket, path: Path) -> None:
    # sun_path holds 107 bytes: the folder goes through a descriptor.
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one of that name; a keeper that ends removes its own."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    opened = os.fstat(descriptor)
    return (there.st_dev, there.st_ino) == (opened.st_dev, opened.st_ino)
