"""The exec bundle: the folder of one session, where conmon and the runtime leave their files.

Names are libpod's (container_exec.go execBundlePath and the functions after it).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from runtime.errors import StateError
from runtime.kernel.folders import make_private

# libpod tries 50 times, 100 ms apart, for network file systems that free names late.
_REMOVE_TRIES = 50
_REMOVE_PAUSE = 0.1


class ExecBundle:
    """The paths of one session's bundle, and making and removing it."""

    def __init__(self, folder: Path, container_id: str) -> None:
        self.folder = folder
        self.pid_file = folder / "exec_pid"
        self.monitor_pid_file = folder / "conmon_pid"
        self.kept_output = folder / "exec_log"
        self.attach_socket = folder / "attach"
        self.exit_folder = folder / "exit"
        self.exit_file = self.exit_folder / container_id
        self.runtime_log = folder / "oci-log"
        self.monitor_log = folder / "conmon-log"
        self.process_spec = folder / "process.json"
        self.sizes = folder / "sizes"
        self.viewers = folder / "viewers"
        self.owner = folder / "owner"

    @property
    def exists(self) -> bool:
        """Whether the folder is there."""
        return self.folder.exists()

    def create(self) -> None:
        """Make the folder and those in it. On failure nothing is left. Raises StateError."""
        with self._whole_or_not_at_all():
            for each in (self.folder, self.exit_folder, self.viewers):
                make_private(each)

    def write_process_spec(self, process_spec: bytes) -> None:
        """Put the process spec into it, mode 0600: it may hold secrets. Raises StateError."""
        with self._whole_or_not_at_all():
            descriptor = os.open(self.process_spec, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(process_spec)

    @contextlib.contextmanager
    def _whole_or_not_at_all(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise StateError(
                f"cannot make the exec bundle {self.folder}: {error.strerror}",
                hint="check that the run folder is writable and has room",
            ) from error

    async def remove(self) -> None:
        """Remove the folder and all in it; none there is fine. Raises StateError."""
        for last in (*[False] * (_REMOVE_TRIES - 1), True):
            try:
                if self.folder.is_symlink():  # what it leads to is not ours to remove
                    self.folder.unlink()
                else:
                    shutil.rmtree(self.folder)
            except FileNotFoundError:
                return
            except OSError as error:
                if last or error.errno not in (errno.EBUSY, errno.ENOTEMPTY):
                    raise StateError(
                        f"cannot remove the exec bundle {self.folder}: {error.strerror}",
                        hint="remove it by hand once nothing uses it",
                    ) from error
                await asyncio.sleep(_REMOVE_PAUSE)
            else:
                return
