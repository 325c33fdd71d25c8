"""Following the output that conmon keeps of a session, and the sizes it was printed at.

conmon writes each piece of output to its log before it sends it to viewers. So at any moment the
log holds all that a viewer was sent, and a viewer that takes its output from the log, and only
the news that there is more from the socket, never sees a byte twice and never misses one.

At its cap conmon starts a new file under the same name. An open file is read to its end before
the new one is taken up.
"""

from __future__ import annotations

import os
from pathlib import Path

from runtime.model import TerminalSize
from runtime.protocol.kept_output import KeptOutputDecoder

_READ_SIZE = 64 * 1024


class KeptOutput:
    """Reads one session's log from its beginning, and goes on as it grows."""

    def __init__(self, path: Path, first_inode: int) -> None:
        """`first_inode` is the log's inode when the session started, to tell a cut-off log."""
        self._path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._decoder = KeptOutputDecoder()
        self.inode = os.fstat(self._descriptor).st_ino
        self.offset = 0
        self.truncated = first_inode not in (0, self.inode)

    def close(self) -> None:
        """Close the log."""
        os.close(self._descriptor)

    def size(self) -> int:
        """The size in bytes of the file that is being read."""
        return os.fstat(self._descriptor).st_size

    def read(self, limit: int = _READ_SIZE) -> list[tuple[int, bytes]] | None:
        """More output as (stream, bytes), None when there is none now.

        An empty list means that something was read, but no record was complete.
        """
        data = os.read(self._descriptor, limit)
        if not data and self._follow():
            data = os.read(self._descriptor, limit)
        if not data:
            return None
        self.offset += len(data)
        return self._decoder.feed(data)

    def _follow(self) -> bool:
        """Whether there is more: in this file after all, or in one that replaced it."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False  # the bundle was removed: what is open is all there is
        inode = os.fstat(descriptor).st_ino
        # Only now that the name is known to mean another file is the old one complete.
        more = self.size() > self.offset
        if more or inode == self.inode:
            os.close(descriptor)
            return more
        os.close(self._descriptor)
        self._descriptor, self.inode, self.offset = descriptor, inode, 0
        return True


class SizeJournal:
    """Notes at which place of the log a session's terminal got which size.

    One line a change: inode and offset of the log, rows, columns. So the replay can print each
    part at the size it was printed at, which full-screen programs need.
    """

    def __init__(self, path: Path, log: Path) -> None:
        self._path = path
        self._log = log

    def begin(self, size: TerminalSize | None) -> None:
        """Note the first file of the log, and the size the session began with."""
        self._append(size or TerminalSize(rows=0, columns=0), offset=0)

    def note(self, size: TerminalSize) -> None:
        """Note that from here on output is for this size."""
        self._append(size)

    def _append(self, size: TerminalSize, offset: int | None = None) -> None:
        try:
            log = self._log.stat()
        except FileNotFoundError:
            return  # no output is kept
        place = log.st_size if offset is None else offset
        line = f"{log.st_ino} {place} {size.rows} {size.columns}\n"
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except FileNotFoundError:
            return  # the session has just ended and its bundle is gone
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def read(self) -> list[tuple[int, int, TerminalSize]]:
        """All notes, oldest first, as (inode, offset, size)."""
        try:
            lines = self._path.read_text().splitlines()
        except FileNotFoundError:
            return []
        rows = (line.split() for line in lines)
        return [
            (int(inode), int(offset), TerminalSize(rows=int(height), columns=int(width)))
            for inode, offset, height, width in (row for row in rows if len(row) == 4)
        ]
