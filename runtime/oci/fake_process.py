"""Stand-ins for a session's process and for its monitor: real processes that do nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios

from runtime.errors import RuntimeMissingError
from runtime.kernel.proc import identify
from runtime.model import ProcessIdentity, TerminalSize

# Waits for input that never comes, and ends with it.
_PROGRAM = "cat"


class StandIn:
    """A process that lives until it is ended, or signalled. Ended when the context is left."""

    def __init__(self, *, terminal: bool = False) -> None:
        """With `terminal` its standard streams are a pseudo-terminal's."""
        self._ours, theirs = pty.openpty() if terminal else os.pipe()[::-1]
        output = theirs if terminal else subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                [_PROGRAM], stdin=theirs, stdout=output, stderr=output, start_new_session=True
            )
        except OSError as error:
            os.close(self._ours)
            raise RuntimeMissingError(f"cannot run {_PROGRAM}: {error.strerror}") from error
        finally:
            os.close(theirs)
        identity = identify(self._process.pid)
        assert identity is not None  # ours, and not waited for: at least a zombie
        self.identity: ProcessIdentity = identity

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        os.close(self._ours)

    def end(self) -> None:
        """End it, if it has not ended yet."""
        self._process.kill()
        self._process.wait()

    def exit_code(self) -> int:
        """The exit code of one that has ended, as a shell gives it: 128 + n for signal n."""
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    @property
    def size(self) -> TerminalSize:
        """The size of its terminal."""
        packed = fcntl.ioctl(self._ours, termios.TIOCGWINSZ, bytes(8))
        rows, columns, _, _ = struct.unpack("HHHH", packed)
        return TerminalSize(rows=rows, columns=columns)

    @size.setter
    def size(self, size: TerminalSize) -> None:
        packed = struct.pack("HHHH", size.rows, size.columns, 0, 0)
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, packed)
