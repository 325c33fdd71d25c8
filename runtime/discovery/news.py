"""What wakes whoever lists the host: that a process ended, a container came or went, or somebody
began a session.

Without the kernel's news of processes (for all but root) a new session is found by the next look.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from runtime.discovery.process_changes import ProcessChanges
from runtime.errors import AccessDeniedError
from runtime.kernel.inotify import FolderWatch
from runtime.kernel.namespaces import own_namespace
from runtime.kernel.proc_folder import ProcFolder
from runtime.kernel.process_events import ProcessEvents
from runtime.kernel.process_watch import ProcessWatch
from runtime.model import ProcessIdentity

# So many seconds lie between two wakings in the long run: what happens meanwhile is told of
# together. A few are given in advance, for what is seldom alone: a session that begins changes its
# container's folder shortly before.
_GAP = 0.05
_AT_ONCE = 3
_log = logging.getLogger(__name__)


class HostNews:
    """Waits for news. What only a program that stays needs is opened by its first wait."""

    def __init__(self, proc: ProcFolder) -> None:
        """For use on the running loop."""
        self._proc = proc
        self._own = {f"ns/{kind}": own_namespace(kind) for kind in ("pid", "mnt")}
        self._ended = ProcessWatch()
        self._wanted: Sequence[Path] = ()
        self._folders: FolderWatch | None = None
        self._events: ProcessEvents | None = None
        self._changes = ProcessChanges(proc)
        self._opened = False
        self._news = asyncio.Event()
        self._spent = 0.0

    def watch(self, processes: Iterable[ProcessIdentity], folders: Sequence[Path]) -> None:
        """From now on these processes' ends and these folders' changes are news."""
        self._ended.watch(processes)
        self._wanted = folders
        if self._folders is not None:
            self._folders.watch(folders)

    def take_changes(self) -> set[int] | None:
        """The processes to look at since the last call; None where it may be any of them."""
        return self._changes.take()

    async def wait(self, timeout: float) -> None:
        """Wait for news since the last wait, for at most `timeout` seconds."""
        self._open()
        ended = asyncio.create_task(self._ended.wait_ended(timeout))
        news = asyncio.create_task(self._news.wait())
        try:
            await asyncio.wait({ended, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            news.cancel()
            await asyncio.gather(ended, news, return_exceptions=True)
        await self._keep_pace()
        self._news.clear()

    async def _keep_pace(self) -> None:
        """Wait for as long as wakings come too often."""
        now = asyncio.get_running_loop().time()
        self._spent = max(self._spent, now) + _GAP
        await asyncio.sleep(max(0.0, self._spent - _AT_ONCE * _GAP - now))

    def _open(self) -> None:
        if self._opened:
            return
        self._opened = True
        try:
            self._folders = FolderWatch(self._news.set)
            self._folders.watch(self._wanted)
        except OSError as error:  # the user's limit of inotify instances
            _log.warning("folders are not watched: %s", error)
        try:
            self._events = ProcessEvents()
            self._changes.open()
        except AccessDeniedError as error:
            _log.info("%s", error)
        else:
            asyncio.get_running_loop().add_reader(self._events, self._on_programs)

    def _on_programs(self) -> None:
        assert self._events is not None
        pids = self._events.read()
        if pids is None or any(self._entered(pid) for pid in pids):
            self._news.set()

    def _entered(self, pid: int) -> bool:
        """Whether a process is in namespaces that neither we nor its parent are in."""
        for name, own in self._own.items():
            inside = self._proc.link(pid, name)
            if inside is None or inside == own:
                continue
            stat = self._proc.stat(pid)
            if stat is not None and self._proc.link(stat.ppid, name) != inside:
                return True
        return False

    def close(self) -> None:
        """Watch nothing any more."""
        self._ended.close()
        self._changes.close()
        with contextlib.ExitStack() as stack:
            for each in (self._folders, self._events):
                if each is not None:
                    stack.callback(each.close)
            if self._events is not None:
                asyncio.get_running_loop().remove_reader(self._events)
