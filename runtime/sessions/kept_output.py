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

from runtime.kernel.beneath import open_file, read_file
from runtime.model import TerminalSize
from runtime.protocol.kept_output import KeptOutputDecoder

BEGINNING = b"begin"

_READ_SIZE = 64 * 1024
_LONGEST_TIME = 64
_LARGEST_JOURNAL = 16 * 1024 * 1024


def begin_log(path: Path) -> None:
    """Make the log that conmon will append to, with a record of no output at its head.

    conmon's own records begin with a time. So a log that does not begin with this one has been
    started anew at its cap, and the oldest output is gone.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, BEGINNING + b" stdout P \n")
    finally:
        os.close(descriptor)


def _generation(descriptor: int) -> bytes:
    """What names this file among those that had its name: the time of its first record."""
    return os.pread(descriptor, _LONGEST_TIME, 0).partition(b" ")[0]


class KeptOutput:
    """Reads one session's log from its beginning, and goes on as it grows."""

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError where no output is kept."""
        self._path = path
        self._decoder = KeptOutputDecoder()
        # Whether the last read came to the end of what there was then.
        self.at_end = False
        self._take_up(open_file(path))
        self._opened = (self.generation, self.size())

    @property
    def is_new(self) -> bool:
        """Whether all that is read from here on was written after the log was opened."""
        generation, size = self._opened
        return self.generation != generation or self.offset >= size

    @property
    def truncated(self) -> bool:
        """Whether older output than that of the file being read was dropped."""
        return self.generation != BEGINNING

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
        self.at_end = len(data) < limit
        return self._decoder.feed(data)

    def read_before(self, end: int, limit: int = _READ_SIZE) -> list[tuple[int, bytes]] | None:
        """`read`, but not past the place `end`, nor from old output into new (`is_new`)."""
        if not self.is_new:
            end = min(end, self._opened[1])
        return self.read(min(end - self.offset, limit))

    def drop_torn(self) -> None:
        """Forget the record that has only begun: the rest of it will never come."""
        self._decoder = KeptOutputDecoder()

    def _follow(self) -> bool:
        """Whether there is more: in this file after all, or in one that replaced it."""
        try:
            named = self._path.lstat()
            # While ours is open no other file can have its inode.
            if (named.st_dev, named.st_ino) == self._inode:
                return named.st_size > self.offset
            # Only now that the name is known to mean another file is the old one complete.
            if self.size() > self.offset:
                return True
            descriptor = open_file(self._path)
        except FileNotFoundError:
            return False  # the bundle was removed: what is open is all there is
        os.close(self._descriptor)
        self._take_up(descriptor)
        return True

    def _take_up(self, descriptor: int) -> None:
        self._descriptor, self.offset = descriptor, 0
        found = os.fstat(descriptor)
        self._inode = found.st_dev, found.st_ino
        self.generation = _generation(descriptor)


def open_kept_output(path: Path) -> KeptOutput | None:
    """The log at `path`, None where no output is kept."""
    try:
        return KeptOutput(path)
    except FileNotFoundError:
        return None


class SizeJournal:
    """Notes at which place of the log a session's terminal got which size.

    One line a change: generation and offset of the log, rows, columns. So the replay can print
    each part at the size it was printed at, which full-screen programs need.
    """

    def __init__(self, path: Path, log: Path) -> None:
        self._path = path
        self._log = log

    def begin(self, size: TerminalSize) -> None:
        """Note the size that the session begins with."""
        self._append(BEGINNING, 0, size)

    def note(self, size: TerminalSize) -> None:
        """Note that from here on output is for this size."""
        try:
            descriptor = open_file(self._log)
        except FileNotFoundError:
            return  # no output is kept
        try:
            generation, place = _generation(descriptor), os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        self._append(generation, place, size)

    def _append(self, generation: bytes, place: int, size: TerminalSize) -> None:
        line = b"%s %d %d %d\n" % (generation or b"-", place, size.rows, size.columns)
        try:
            descriptor = open_file(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        except FileNotFoundError:
            return  # the session has just ended and its bundle is gone
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def read(self) -> list[tuple[bytes, int, TerminalSize]]:
        """The notes, oldest first, as (generation, offset, size).

        Of several sizes between which nothing was printed the last one.
        """
        try:
            lines = read_file(self._path, _LARGEST_JOURNAL).splitlines()
        except FileNotFoundError:
            return []
        rows = (line.split() for line in lines)
        notes: dict[tuple[bytes, int], TerminalSize] = {}
        for generation, place, height, width in (row for row in rows if len(row) == 4):
            notes[generation, int(place)] = TerminalSize(rows=int(height), columns=int(width))
        return [(*where, size) for where, size in notes.items()]
