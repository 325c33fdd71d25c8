"""Everything below this folder runs against real runtimes and monitors."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.model import EngineSettings

HERE = Path(__file__).parent
PROGRAM = str(Path(sys.executable).with_name("exectop"))
PATIENCE = 20.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder as real, so that `-m "not real"` leaves them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.real)


@pytest.fixture
def program(engine_settings: EngineSettings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that start exectop in the test's own folders."""
    monkeypatch.setenv("EXECTOP_STATE_DIR", engine_settings.state_dir)
    monkeypatch.setenv("EXECTOP_RUN_DIR", engine_settings.run_dir)
    monkeypatch.setenv("EXECTOP_CONFIG", "/dev/null")
    monkeypatch.setenv("EXECTOP_DEBUG", "1")
    return [PROGRAM, *(word for root in engine_settings.roots for word in ("--root", root))]


Exectop = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def exectop(program: list[str]) -> Exectop:
    """A function that runs exectop to its end: `exectop("ls", "-q", input=b"…")`."""

    def run(*words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*program, *words], input=input, capture_output=True, timeout=60)

    return run


class InTerminal:
    """A program in a terminal of its own, driven as a person would."""

    def __init__(self, words: list[str], rows: int, columns: int) -> None:
        self.seen = b""  # since what was waited for last
        self.everything = b""
        self._master, slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(slave)
        # With a session and a controlling terminal of its own, so that the kernel tells it of
        # changes of the size.
        command = ["setsid", "--ctty", *words]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave)
        self._slave = slave
        self._ends = [self._master, slave]

    @property
    def modes(self) -> list[object]:
        """The terminal's modes as they are now (tcgetattr)."""
        return list(termios.tcgetattr(self._slave))

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, data: bytes) -> None:
        os.write(self._master, data)

    def wait_for(self, text: bytes) -> None:
        """Read until `text` was printed; what was printed before it is forgotten."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            left = end - time.monotonic()
            assert left > 0, f"{text!r} never came, but {self.seen!r}"
            if select.select([self._master], [], [], left)[0]:
                self._take()
        self.seen = self.seen[self.seen.index(text) + len(text) :]

    def wait_exit(self) -> int:
        """The exit code; everything printed till then is in `seen`."""
        end = time.monotonic() + PATIENCE
        pidfd = os.pidfd_open(self.process.pid)
        try:
            while not select.select([pidfd], [], [], 0)[0]:
                assert time.monotonic() < end, f"it never ended, but printed {self.seen!r}"
                self._read_some([pidfd])
        finally:
            os.close(pidfd)
        while select.select([self._master], [], [], 0)[0]:
            self._read_some([])
        return self.process.wait(PATIENCE)

    def _read_some(self, others: list[int]) -> None:
        if self._master in select.select([self._master, *others], [], [], 1)[0]:
            self._take()

    def _take(self) -> None:
        data = os.read(self._master, 65536)
        self.seen += data
        self.everything += data

    def hang_up(self) -> int:
        """Close the terminal, as a window that is closed does; gives the exit code."""
        self._close_terminal()
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._close_terminal()

    def _close_terminal(self) -> None:
        while self._ends:
            os.close(self._ends.pop())


OpenTerminal = Callable[..., InTerminal]


@pytest.fixture
def in_terminal(program: list[str]) -> Iterator[OpenTerminal]:
    """A function that runs exectop in a pseudo-terminal: `in_terminal("exec", "-it", …)`."""
    opened: list[InTerminal] = []

    def run(*words: str, rows: int = 24, columns: int = 80) -> InTerminal:
        opened.append(InTerminal([*program, *words], rows, columns))
        return opened[-1]

    yield run
    for terminal in opened:
        terminal.close()
