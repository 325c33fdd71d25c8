"""Records what real programs write to a terminal: python -m tests.differential.record [NAME ...]

Each program runs on a pty of 80 by 24, in a folder and a UTS and PID namespace of its own (so that
a recording tells nothing of the machine it was made on; that needs root), is sent keys, and is
answered by this project's emulator. What it wrote goes to `recordings/NAME.bytes`, what must then
be seen at each step to `recordings/NAME.screens`, to be looked at before it is committed.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import struct
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

from tests.differential.picture import written
from tests.differential.program_files import build_folder
from tests.differential.programs import PROGRAMS, Program
from widgets.vt import Terminal

RECORDINGS = Path(__file__).parent / "recordings"
FOLDER = Path("/srv/demo")
LINES, COLUMNS = 24, 80
QUIET = 0.4
"""Seconds without output after which a program has said all it has to say."""
LIMIT = 30.0

ENVIRONMENT = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LANG": "C.UTF-8",
    "HOME": str(FOLDER),
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/usr/games",
    "SHELL": "/bin/sh",
    "PS1": "$ ",
}


class Session:
    """A program on a pty, with an emulator that watches it."""

    def __init__(self, command: str, folder: Path, environment: dict[str, str]) -> None:
        self.terminal = Terminal(COLUMNS, LINES)
        self.data = bytearray()
        self.offsets: list[int] = []
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            inside = f"hostname demo; stty rows {LINES} cols {COLUMNS}; exec {command}"
            words = ["unshare", "-u", "-p", "-f", "--mount-proc", "sh", "-c", inside]
            os.execvpe(words[0], words, environment)
        ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))

    def send(self, keys: str) -> None:
        """Type something."""
        os.write(self._fd, keys.encode())

    def wait(self, text: str) -> None:
        """Read on until the screen holds the text and nothing more comes."""
        end = time.monotonic() + LIMIT
        while self._read(QUIET) or not self.shows(text):
            if time.monotonic() > end:
                sys.exit(f"{text!r} did not come:\n{self._text()}")
        self.offsets.append(len(self.data))

    def shows(self, text: str) -> bool:
        """Whether the screen holds the text."""
        return text in self._text()

    def close(self) -> None:
        """Let the program end; what it says then is recorded as well."""
        os.kill(self._pid, 1)
        while self._read(5.0):
            continue
        os.close(self._fd)
        os.waitpid(self._pid, 0)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # a pty whose program has ended
            return False
        self.data += data
        self.terminal.feed(data)
        os.write(self._fd, self.terminal.take_replies())
        return bool(data)

    def _text(self) -> str:
        return "\n".join("".join(row) for row in self.terminal.rows())


def record(program: Program) -> None:
    """Run one program through its steps and write what it wrote."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    build_folder(FOLDER)
    session = Session(program.command, FOLDER, ENVIRONMENT | program.environment)
    for keys, expected in program.steps:
        session.send(keys)
        session.wait(expected)
    while program.until and not session.shows(program.until):
        session.send("\r")
        session.wait("")
    session.close()
    RECORDINGS.mkdir(exist_ok=True)
    data = bytes(session.data[: session.offsets[-1]])
    (RECORDINGS / f"{program.name}.bytes").write_bytes(data)
    text = written(data, session.offsets, COLUMNS, LINES)
    (RECORDINGS / f"{program.name}.screens").write_text(text, "utf-8")
    shutil.rmtree(FOLDER, ignore_errors=True)


def main() -> None:
    """Record the programs named, or all."""
    for program in PROGRAMS:
        if len(sys.argv) < 2 or program.name in sys.argv[1:]:
            sys.stdout.write(f"{program.name}\n")
            record(program)


if __name__ == "__main__":
    main()
