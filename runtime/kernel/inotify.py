"""Knowing at once when something happens in a folder, or in one of many (inotify(7)).

What changed is not told, only that something did: whoever is woken looks again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from asyncinotify import Inotify, Mask, Watch

_CHANGES = (
    Mask.CREATE | Mask.DELETE | Mask.MOVED_FROM | Mask.MOVED_TO | Mask.DELETE_SELF | Mask.ONLYDIR
)
_WRITES = Mask.MODIFY | Mask.MOVED_TO | Mask.ONLYDIR
_log = logging.getLogger(__name__)


class FolderWatch:
    """Watches a changing set of folders on the running loop."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """`changed` is called on the loop, once for any number of changes that came together."""
        self._changed = changed
        self._inotify = Inotify(sync_timeout=0)
        self._watches: dict[Path, Watch] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._inotify.fd, self._read)

    def watch(self, folders: Iterable[Path]) -> None:
        """Watch exactly these from now on; for one that is not there, the nearest above it."""
        wanted = {nearest for folder in folders if (nearest := self._nearest(folder))}
        for folder in self._watches.keys() - wanted:
            watch = self._watches.pop(folder)
            with contextlib.suppress(OSError):  # the kernel dropped it with the folder
                self._inotify.rm_watch(watch)
        for folder in wanted - self._watches.keys():
            try:
                self._watches[folder] = self._inotify.add_watch(folder, _CHANGES)
            except OSError as error:  # it is gone again, may not be read, or there are too many
                _log.debug("%s cannot be watched: %s", folder, error)

    def _nearest(self, folder: Path) -> Path | None:
        if folder in self._watches:
            return folder  # the kernel tells when it goes
        return next((each for each in (folder, *folder.parents) if each.is_dir()), None)

    def _read(self) -> None:
        news = False
        while (event := self._inotify.sync_get()) is not None:
            if event.mask & Mask.IGNORED:
                # Its folder was deleted (or it was taken away): the name may mean another one now.
                if event.watch is not None and self._watches.get(event.watch.path) is event.watch:
                    del self._watches[event.watch.path]
            else:
                news = True
        if news:
            self._changed()

    def close(self) -> None:
        """Stop watching."""
        self._loop.remove_reader(self._inotify.fd)
        self._inotify.close()


class WriteWatch:
    """Tells of each write to a file of a folder, and of each file that is moved there."""

    def __init__(self, folder: Path, written: Callable[[], None]) -> None:
        """`written` is called on the running loop. Raises OSError where that cannot be watched."""
        self._written = written
        self._inotify = Inotify(sync_timeout=0)
        try:
            self._inotify.add_watch(folder, _WRITES)
        except OSError:
            self._inotify.close()
            raise
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._inotify.fd, self._read)

    def _read(self) -> None:
        while self._inotify.sync_get() is not None:
            pass
        self._written()

    def close(self) -> None:
        """Stop watching."""
        self._loop.remove_reader(self._inotify.fd)
        self._inotify.close()
