"""The exit code of a session that another program began, from whoever tells it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from pathlib import Path

from runtime.kernel.beneath import open_at
from runtime.kernel.exit_status import wait_exit_code
from runtime.kernel.inotify import FolderWatch

_CODE = re.compile(rb"[0-9]{1,3}")
# Seconds that a monitor may take to note the end of its process.
_PATIENCE = 5.0


class ExitFile:
    """The file where conmon notes the exit code. Its engine reads it, and removes it soon."""

    def __init__(self, path: Path) -> None:
        """Holds the folder open, however its path changes. Raises OSError where there is none."""
        self._name = path.name
        self._folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    async def wait(self) -> int | None:
        """The exit code, None where none is noted in time."""
        changed = asyncio.Event()
        watch = FolderWatch(changed.set)
        try:
            watch.watch([Path(f"/proc/self/fd/{self._folder}")])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    while (code := self._read()) is None:
                        await changed.wait()
                        changed.clear()
                    return code
        finally:
            watch.close()
        return None

    def _read(self) -> int | None:
        try:
            descriptor = open_at(self._folder, self._name, os.O_RDONLY)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            text = file.read(8).strip()
        return int(text) if _CODE.fullmatch(text) else None

    def close(self) -> None:
        """Look no more."""
        os.close(self._folder)


async def wait_exit_code_of(leader: int, file: ExitFile | None) -> int | None:
    """The exit code of the process with this pidfd, once it has ended; None where nobody tells.

    The kernel tells. Where it is too old to (see `runtime.kernel.exit_status`), conmon's file does.
    """
    code = await wait_exit_code(leader, _PATIENCE)
    if code is None and file is not None:
        code = await file.wait()
    return code
