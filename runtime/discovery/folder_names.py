"""The folders in a folder, listed again only when something came or went in it."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path

from runtime.kernel import stamps


class FolderNames:
    """Keeps listings for as long as they are asked for."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, int, int], list[str]]] = {}
        self._asked: set[str] = set()

    def list(self, folder: str) -> list[str]:
        """The names of the folders in it, in order; links are none. Raises OSError."""
        self._asked.add(folder)
        now = stamps.now()
        found = Path(folder).stat()
        stamp = (found.st_dev, found.st_ino, found.st_mtime_ns)
        known = self._known.get(folder)
        if known is not None and known[0] == stamp:
            return known[1]
        with os.scandir(folder) as entries:
            names = sorted(each.name for each in entries if each.is_dir(follow_symlinks=False))
        if stamps.is_settled(found.st_mtime_ns, now):
            self._known[folder] = (stamp, names)
        else:
            self._known.pop(folder, None)
        return names

    def expand(self, pattern: str) -> Iterator[str]:
        """The folders that a pattern stands for, as far as they can be listed.

        `*` stands for any part of a name; what is behind the last one need not be there.
        """
        head, star, tail = pattern.partition("*")
        if not star:
            yield pattern
            return
        parent, _, prefix = head.rpartition("/")
        suffix, slash, rest = tail.partition("/")
        try:
            names = self.list(parent)
        except OSError:
            return
        for name in fnmatch.filter(names, f"{prefix}*{suffix}"):
            yield from self.expand(f"{parent}/{name}{slash}{rest}")

    def take_asked(self) -> set[str]:
        """What was asked for since this was last called; all else is forgotten."""
        asked, self._asked = self._asked, set()
        self._known = {folder: known for folder, known in self._known.items() if folder in asked}
        return asked
