"""What the tests of the layer share: processes of their own, records, and logs as conmon writes."""

from __future__ import annotations

import itertools
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.kernel.proc import boot_id, identify
from runtime.model import ExecConfig, ExecSession, ExecState, ProcessIdentity
from runtime.oci.bundle import ExecBundle
from runtime.sessions.kept_output import begin_log
from runtime.state.database import Database
from runtime.state.sessions import SessionStore

Child = subprocess.Popen[str]
StartChild = Callable[..., Child]


@pytest.fixture
def start_child() -> Iterator[StartChild]:
    """A function that runs a Python program; what it started is killed and reaped at the end."""
    started: list[Child] = []

    def start(code: str, *words: str, **options: Any) -> Child:
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", code, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


@pytest.fixture
def sleeper(start_child: StartChild) -> Callable[[], tuple[Child, ProcessIdentity]]:
    """A function that starts a process that waits to be killed, and tells who it is."""

    def start() -> tuple[Child, ProcessIdentity]:
        child = start_child("import sys; sys.stdin.read()")
        identity = identify(child.pid)
        assert identity is not None
        return child, identity

    return start


@pytest.fixture
def zombie(
    sleeper: Callable[[], tuple[Child, ProcessIdentity]],
) -> tuple[Child, ProcessIdentity]:
    """A process that has ended and was not waited for."""
    child, identity = sleeper()
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    return child, identity


@pytest.fixture
def ended(sleeper: Callable[[], tuple[Child, ProcessIdentity]]) -> ProcessIdentity:
    """A process that has ended and was waited for."""
    child, identity = sleeper()
    child.kill()
    child.wait()
    return identity


@pytest.fixture
def descriptors() -> Callable[[], int]:
    """A function that counts the descriptors that are open now."""
    return lambda: len(os.listdir("/proc/self/fd"))


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Be an ordinary user for the length of the test, with a folder of one's own."""
    with tempfile.TemporaryDirectory(prefix="xt-") as name:
        folder = Path(name)
        if os.geteuid() != 0:
            yield folder
            return
        # What the package reads from its own files is read now: they may lie under a folder
        # that only root may enter.
        Database(folder / "warm.db").close()
        for file in folder.iterdir():
            file.unlink()
        os.chown(folder, 65534, -1)
        os.setresuid(65534, 65534, 0)
        try:
            yield folder
        finally:
            os.setresuid(0, 0, 0)


@pytest.fixture
def make_session() -> Callable[..., ExecSession]:
    """A function that makes the record of a session; what matters to a test it says itself."""

    def make(**changes: Any) -> ExecSession:
        fields: dict[str, Any] = {
            "id": "a" * 64,
            "container_id": "box",
            "container_key": "c" * 32,
            "container_name": "box",
            "container_root": "/run/runc",
            "state": ExecState.CREATED,
            "config": ExecConfig(command=["sh"]),
            "created": 1.5,
            "boot_id": boot_id(),
        }
        return ExecSession(**(fields | changes))

    return make


class ConmonLog:
    """Appends to a k8s-file log as conmon's src/ctr_logging.c does, and starts it anew at will."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._nanoseconds = itertools.count(131293233)
        self._file = path.open("ab", buffering=0)

    def write(self, data: bytes, stream: str = "stdout") -> None:
        """Log what one read of the session's output gave."""
        for line in re.findall(rb"[^\n]*\n|[^\n]+", data):
            time = f"2026-11-24T05:57:23.{next(self._nanoseconds)}+00:00"
            whole = line.endswith(b"\n")
            head = f"{time} {stream} {'F' if whole else 'P'} ".encode()
            self.raw(head + line + (b"" if whole else b"\n"))

    def raw(self, data: bytes) -> None:
        """Write bytes as they are: a record that is only half there."""
        self._file.write(data)

    def rotate(self) -> None:
        """What happens at the cap: close, a new file under another name, rename."""
        self._file.close()
        fresh = self.path.with_name(self.path.name + ".tmp")
        self._file = fresh.open("wb", buffering=0)
        fresh.rename(self.path)

    def close(self) -> None:
        self._file.close()


@pytest.fixture
def conmon_log(tmp_path: Path) -> Iterator[ConmonLog]:
    """The log of a session that has just begun."""
    path = tmp_path / "exec_log"
    begin_log(path)
    log = ConmonLog(path)
    yield log
    log.close()


@pytest.fixture
def mode_of() -> Callable[[Path], int]:
    """A function that tells a file's permission bits."""
    return lambda path: stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def kill_hard() -> Callable[[Child], None]:
    """A function that kills as `kill -9` does, and waits for the end."""

    def kill(child: Child) -> None:
        child.send_signal(signal.SIGKILL)
        child.wait()

    return kill


@pytest.fixture
def bundle(short_folder: Path) -> ExecBundle:
    """A new bundle, for container `box`; a socket in it has a path that is short enough."""
    made = ExecBundle(short_folder / "bundle", "box")
    made.create()
    return made


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new database of records."""
    made = Database(tmp_path / "state.db")
    yield made
    made.close()


@pytest.fixture
def store(database: Database) -> SessionStore:
    """The sessions in it."""
    return SessionStore(database)
