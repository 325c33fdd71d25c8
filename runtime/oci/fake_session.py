"""A session as its script sees it: the viewers' input and output, and what was asked for.

It does for the viewers what conmon does (src/conn_sock.c, src/ctr_logging.c): output goes to the
log first, then to every viewer, and waits for those that are slow; any viewer may type.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from typing import Any

import msgspec

from runtime.kernel.beneath import open_file
from runtime.kernel.seqpacket import send
from runtime.model import TerminalSize
from runtime.oci.base import StartRequest
from runtime.oci.fake_process import StandIn
from runtime.protocol.attach import LARGEST_INPUT, LARGEST_OUTPUT, STDERR, STDOUT


class FakeSession:
    """What a script gets. `spec` is the process spec, as an OCI runtime would have got it."""

    def __init__(self, request: StartRequest, process: StandIn) -> None:
        self.request = request
        self.spec: dict[str, Any] = msgspec.json.decode(request.bundle.process_spec.read_bytes())
        self.reports: socket.socket | None = None
        self._process = process
        self._viewers: list[socket.socket] = []
        self._input: asyncio.Queue[bytes] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        if request.terminal and (size := self.spec.get("consoleSize")):
            process.size = TerminalSize(rows=size["height"], columns=size["width"])

    def __enter__(self) -> FakeSession:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folder = os.open(self.request.bundle.folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:  # through the descriptor, as paths of sockets are short
            self._listener.bind(f"/proc/self/fd/{folder}/{self.request.bundle.attach_socket.name}")
        finally:
            os.close(folder)
        self._listener.listen()
        self._listener.setblocking(False)
        self._loop.add_reader(self._listener, self.accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()

    @property
    def size(self) -> TerminalSize:
        """The size of the session's terminal now."""
        return self._process.size

    async def write(self, data: bytes, stream: int = 1) -> None:
        """Print on stdout (1) or stderr (2); a terminal knows stdout only."""
        if self.request.keep_output is not None:
            self._keep(data, "stdout" if stream == 1 else "stderr")
        head = bytes([STDOUT if stream == 1 else STDERR])
        for start in range(0, len(data), LARGEST_OUTPUT - 1):
            packet = head + data[start : start + LARGEST_OUTPUT - 1]
            for viewer in list(self._viewers):
                try:
                    await send(viewer, packet)
                except OSError:
                    self._drop(viewer)

    async def read(self) -> bytes:
        """What a viewer typed, a piece at a time; b"" once the input has ended."""
        return await self._input.get()

    def accept(self) -> None:
        """Take in the viewers that have connected."""
        with contextlib.suppress(BlockingIOError):
            while True:
                viewer, _ = self._listener.accept()
                viewer.setblocking(False)
                self._viewers.append(viewer)
                self._loop.add_reader(viewer, self._hear, viewer)

    def _hear(self, viewer: socket.socket) -> None:
        try:
            data = viewer.recv(LARGEST_INPUT)
        except OSError:
            data = b""
        if data:
            self._input.put_nowait(data)
            return
        self._loop.remove_reader(viewer)
        if self.request.stdin and not self.request.terminal:
            self._input.put_nowait(b"")  # a pipe has one end of input, whoever gave it

    def _drop(self, viewer: socket.socket) -> None:
        self._loop.remove_reader(viewer)
        if viewer in self._viewers:
            self._viewers.remove(viewer)
        viewer.close()

    def _keep(self, data: bytes, stream: str) -> None:
        seconds, nanoseconds = divmod(time.time_ns(), 10**9)
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
        head = f"{when}.{nanoseconds:09d}+00:00 {stream}".encode()
        *lines, rest = data.split(b"\n")
        records = [b"%s F %s\n" % (head, line) for line in lines]
        records += [b"%s P %s\n" % (head, rest)] if rest else []
        log = open_file(self.request.bundle.kept_output, os.O_WRONLY | os.O_APPEND)
        with os.fdopen(log, "ab") as file:
            file.write(b"".join(records))

    def hang_up(self) -> None:
        """Leave all viewers, and listen to no more of them."""
        if self._listener.fileno() >= 0:
            self._loop.remove_reader(self._listener)
            self._listener.close()
        for viewer in list(self._viewers):
            self._drop(viewer)

    def end(self, exit_code: int) -> None:
        """Tell how the session ended, in conmon's order: viewers, exit file, report."""
        self.hang_up()
        bundle = self.request.bundle
        whole = bundle.exit_folder / "new"
        with contextlib.suppress(FileNotFoundError):  # somebody removed the bundle
            whole.write_text(f"{exit_code}\n")
            whole.rename(bundle.exit_file)
            bundle.attach_socket.unlink()
        if self.reports is not None:
            with contextlib.suppress(OSError):  # nobody wants to know any more
                self.reports.send(b'{"data": %d}\n' % exit_code)
