"""The exec bundle: the folder of one session, where conmon and the runtime leave their files.

Names are libpod's (container_exec.go execBundlePath and the functions after it).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
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
        self._container_id = container_id

    @functools.cached_property
    def pid_file(self) -> Path:
        """Where the runtime notes the pid of the session's process."""
        return self.folder / "exec_pid"

    @functools.cached_property
    def monitor_pid_file(self) -> Path:
        """Where conmon notes its own pid."""
        return self.folder / "conmon_pid"

    @functools.cached_property
    def kept_output(self) -> Path:
        """conmon's log of the output."""
        return self.folder / "exec_log"

    @functools.cached_property
    def attach_socket(self) -> Path:
        """conmon's socket for viewers."""
        return self.folder / "attach"

    @functools.cached_property
    def exit_folder(self) -> Path:
        """Where conmon puts the exit file."""
        return self.folder / "exit"

    @functools.cached_property
    def runtime_log(self) -> Path:
        """The runtime's own log, JSON lines."""
        return self.folder / "oci-log"

    @functools.cached_property
    def monitor_log(self) -> Path:
        """What conmon says of itself."""
        return self.folder / "conmon-log"

    @functools.cached_property
    def process_spec(self) -> Path:
        """The OCI process object that the runtime is given."""
        return self.folder / "process.json"

    @functools.cached_property
    def sizes(self) -> Path:
        """The sizes the terminal had, by place in the log."""
        return self.folder / "sizes"

    @functools.cached_property
    def viewers(self) -> Path:
        """One file for each viewer."""
        return self.folder / "viewers"

    @functools.cached_property
    def owner(self) -> Path:
        """Whose it is, where there is no record of the session."""
        return self.folder / "owner"

    @functools.cached_property
    def exit_file(self) -> Path:
        """The exit code, in a file that conmon names after the container."""
        return self.exit_folder / self._container_id

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
