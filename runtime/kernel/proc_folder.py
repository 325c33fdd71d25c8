"""Raw reads below /proc, as few and as cheap as they can be: for looking at thousands of processes.

Every read is of a process that may be gone by then, or another user's: both give None. Only what
would make a whole look wrong (no descriptor, no memory left) is raised.
"""

from __future__ import annotations

import errno
import os
import stat
from types import TracebackType

from runtime.errors import StateError
from runtime.kernel.proc import PROC, ProcessStat, parse_stat
from runtime.kernel.statx import FileFacts, file_facts

_LARGEST = 256 * 1024
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class ProcFolder:
    """The folder /proc, held open, so that paths are short and the folder is always the same."""

    def __init__(self, path: str | os.PathLike[str] = PROC) -> None:
        """Raises StateError where there is no such folder."""
        try:
            self._folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StateError(f"cannot open {path}: {error.strerror}") from error

    def __enter__(self) -> ProcFolder:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Read no more."""
        os.close(self._folder)

    def pids(self) -> dict[int, int]:
        """Every pid, with the number of its folder's inode.

        A pid that is given to another process gets a folder with another inode (fs/proc/base.c
        takes a fresh number for each, and forgets the folder when the process is reaped), so two
        looks that give the same pair saw the same process. The number may also change when the
        kernel is short of memory.
        """
        with os.scandir(self._folder) as entries:
            return {int(each.name): each.inode() for each in entries if each.name.isdigit()}

    def inode(self, pid: int) -> int | None:
        """The number of one process's folder, None when it is gone."""
        found = self.status(pid)
        return None if found is None else found.st_ino

    def link(self, pid: int, name: str) -> str | None:
        """Where a link of the process leads, None where that cannot be told."""
        try:
            return os.readlink(f"{pid}/{name}", dir_fd=self._folder)
        except OSError as error:
            _require_room(error)
            return None

    def read(self, pid: int, name: str) -> bytes | None:
        """The first 256 KiB of a file of the process, None where it cannot be read."""
        try:
            file = os.open(f"{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        except OSError as error:
            _require_room(error)
            return None
        try:
            return _read_all(file)
        except OSError as error:
            _require_room(error)
            return None
        finally:
            os.close(file)

    def names(self, pid: int, name: str) -> list[str]:
        """What is in a folder of the process, nothing where it cannot be read."""
        try:
            folder = os.open(f"{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        except OSError as error:
            _require_room(error)
            return []
        try:
            with os.scandir(folder) as entries:
                return [each.name for each in entries]
        except OSError as error:
            _require_room(error)
            return []
        finally:
            os.close(folder)

    def status(self, pid: int) -> os.stat_result | None:
        """stat(2) of the process's own folder, whose owner is its user; None when it is gone."""
        try:
            return os.stat(str(pid), dir_fd=self._folder)
        except OSError as error:
            _require_room(error)
            return None

    def file(self, pid: int, name: str) -> FileFacts | None:
        """What the kernel knows of the file that a link leads to, None where it tells nothing."""
        try:
            return file_facts(f"{pid}/{name}", self._folder)
        except OSError as error:
            _require_room(error)
            return None

    def link_mode(self, pid: int, name: str) -> int | None:
        """The permission bits of a link itself: how a descriptor was opened (proc(5) fd)."""
        try:
            found = os.stat(f"{pid}/{name}", dir_fd=self._folder, follow_symlinks=False)
        except OSError as error:
            _require_room(error)
            return None
        return stat.S_IMODE(found.st_mode)

    def stat(self, pid: int) -> ProcessStat | None:
        """What /proc/PID/stat says, None when there is no such process."""
        text = self.read(pid, "stat")
        return parse_stat(text) if text else None

    def unix_sockets(self) -> bytes:
        """The host's Unix sockets, as proc(5) has them in /proc/net/unix; none in a sandbox."""
        try:
            file = os.open("self/net/unix", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        except OSError as error:
            _require_room(error)
            return b""
        with os.fdopen(file, "rb") as text:
            return text.read()

    def command(self, pid: int) -> list[str]:
        """The words that the process was started with; none for a zombie or a kernel thread.

        A program may have written over them. Bytes that are no UTF-8 are replaced.
        """
        text = self.read(pid, "cmdline")
        if not text:
            return []
        return text.removesuffix(b"\0").decode(errors="replace").split("\0")


def _read_all(file: int) -> bytes:
    text = os.read(file, 4096)
    if len(text) < 4096:
        return text  # the kernel gives as much as it has: less than asked for is all
    while len(text) < _LARGEST and (more := os.read(file, 65536)):
        text += more
    return text


def _require_room(error: OSError) -> None:
    if error.errno in _EXHAUSTED:
        raise StateError(
            f"cannot look at the processes: {error.strerror}",
            hint="close programs, or raise the limit (ulimit -n)",
        ) from error
