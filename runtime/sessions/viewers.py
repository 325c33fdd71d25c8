"""Who is attached to a session: one locked file a viewer, in the session's bundle.

The kernel frees the lock when the viewer dies, however it dies, so a file whose lock is free is a
leftover and is removed by whoever finds it. The file tells which of the viewer's descriptors is
its connection to the monitor (see `runtime.sessions.stalls`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec

from runtime.kernel import stamps
from runtime.kernel.beneath import open_at, opened_folder, read_file
from runtime.kernel.flock import try_lock
from runtime.kernel.proc import identify
from runtime.kernel.stamps import Stamp
from runtime.model import ProcessIdentity
from runtime.oci.bundle import ExecBundle

_LONGEST_NOTE = 4096


class Connection(msgspec.Struct, frozen=True):
    """A viewer's connection: the descriptor in its process, and the socket that it must be."""

    process: ProcessIdentity
    descriptor: int
    inode: int


class Registration:
    """The file of a viewer that is attached."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor

    def note(self, connection: socket.socket) -> None:
        """Tell others which connection it is that the viewer reads from."""
        process = identify(os.getpid())
        if self._descriptor is None or process is None:
            return
        number = connection.fileno()
        note = Connection(process, number, os.fstat(number).st_ino)
        with contextlib.suppress(OSError):  # the disk is full: it is counted all the same
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, msgspec.json.encode(note), 0)


@contextlib.contextmanager
def registered(bundle: ExecBundle) -> Iterator[Registration]:
    """Be counted as a viewer for as long as the context lasts."""
    path = bundle.viewers / f"{os.getpid()}-{secrets.token_hex(4)}"
    descriptor = None
    with contextlib.ExitStack() as stack:
        # The bundle may be gone already, the disk may be full: looking at a session goes on.
        with contextlib.suppress(OSError), opened_folder(bundle.viewers) as folder:
            unlocked = f"{path.name}.new"
            descriptor = open_at(folder, unlocked, os.O_RDWR | os.O_CREAT)
            stack.callback(os.close, descriptor)
            try_lock(descriptor)
            # Visible only once it is locked.
            os.rename(unlocked, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        stack.callback(path.unlink, missing_ok=True)
        yield Registration(path, descriptor)


def viewers_of(bundle: ExecBundle) -> list[Path]:
    """The files of those who are attached to the session now."""
    try:
        with opened_folder(bundle.viewers) as folder:
            # A descriptor opened with O_PATH cannot be read from itself.
            files = [each.name for each in Path(f"/proc/self/fd/{folder}").iterdir()]
            visible = [name for name in files if not name.endswith(".new")]
            return [bundle.viewers / name for name in visible if _is_held(folder, name)]
    except OSError:
        return []


def count_viewers(bundle: ExecBundle) -> int:
    """How many viewers are attached to the session now."""
    return len(viewers_of(bundle))


class ViewerCounts:
    """Counts the viewers of many sessions, again and again.

    A folder that was empty, and has not changed since, is not read again.
    """

    def __init__(self) -> None:
        self._empty: dict[Path, Stamp] = {}
        self._before: dict[Path, Stamp] = {}

    def begin_look(self) -> None:
        """What is not asked for until the next look is forgotten."""
        self._before, self._empty = self._empty, {}

    def count(self, bundle: ExecBundle) -> int:
        """How many viewers are attached to the session now."""
        read, stamp = stamps.now(), stamps.stamp_or_none(bundle.viewers)
        if stamp is None:
            return 0  # the bundle is gone
        count = 0 if self._before.get(bundle.viewers) == stamp else count_viewers(bundle)
        if count == 0 and stamps.is_settled(stamp[1], read):
            self._empty[bundle.viewers] = stamp
        return count


def connection_of(viewer: Path) -> Connection | None:
    """The connection that a viewer noted in its file, None where it has noted none."""
    try:
        return msgspec.json.decode(read_file(viewer, _LONGEST_NOTE), type=Connection)
    except (OSError, msgspec.MsgspecError):
        return None


def _is_held(folder: int, name: str) -> bool:
    try:
        descriptor = open_at(folder, name, os.O_RDWR)
    except OSError:
        return False
    try:
        if not try_lock(descriptor, shared=True):
            return True
        with contextlib.suppress(FileNotFoundError):  # another was faster
            os.unlink(name, dir_fd=folder)
        return False
    finally:
        os.close(descriptor)
