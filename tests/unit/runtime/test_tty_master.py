"""Finding the master of a terminal among the descriptors of whoever holds it, and taking it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.kernel import borrowing, tty_master
from runtime.kernel.borrowing import duplicate
from runtime.kernel.proc import identify
from runtime.kernel.tty_master import masters_of, take_master, terminal_of
from runtime.model import ProcessIdentity

# Holds the masters of two terminals, the first one twice, and runs a program in each.
HOLDER = """
import os, pty, subprocess, sys
print(os.getpid())
for copies in (2, 1):
    master, slave = pty.openpty()
    code = "import sys; print('here', flush=True); [print('got', line) for line in sys.stdin]"
    words = [sys.executable, "-I", "-S", "-c", code]
    child = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, close_fds=True)
    os.close(slave)
    numbers = [master] + [os.dup(master) for _ in range(copies - 1)]
    print(child.pid, *numbers)
print("end", flush=True)
sys.stdin.read()
"""

AS_NOBODY = """
import os, sys
from runtime.errors import AccessDeniedError
from runtime.kernel.borrowing import duplicate
from runtime.model import ProcessIdentity
holder = ProcessIdentity(pid=int(sys.argv[1]), start_time=int(sys.argv[2]))
os.setuid(65534)
try:
    duplicate(holder, 0)
except AccessDeniedError as error:
    print(error)
"""

ROOT = Path(borrowing.__file__).parents[2]

Held = tuple[ProcessIdentity, list[tuple[ProcessIdentity, list[int]]]]


@pytest.fixture
def held(start_child: Callable[..., Any]) -> Held:
    """A holder, and for each of its terminals the process in it and the masters' numbers."""
    child = start_child(HOLDER)
    holder = identify(int(child.stdout.readline()))
    assert holder is not None
    terminals = []
    for _ in range(2):
        pid, *numbers = (int(word) for word in child.stdout.readline().split())
        process = identify(pid)
        assert process is not None
        terminals.append((process, numbers))
    assert child.stdout.readline() == "end\n"
    return holder, terminals


def test_each_terminal_is_told_from_the_other(held: Held) -> None:
    holder, terminals = held
    for process, numbers in terminals:
        terminal = terminal_of(process)
        assert terminal is not None
        assert masters_of(holder, terminal) == numbers


def test_what_is_written_to_the_taken_master_arrives_in_that_terminal(held: Held) -> None:
    holder, ((process, _), _) = held
    terminal = terminal_of(process)
    assert terminal is not None
    master = take_master(holder, terminal)
    assert master is not None
    try:
        _read_until(master, b"here")
        os.write(master, b"hello\n")
        _read_until(master, b"got hello")
    finally:
        os.close(master)


def test_the_same_number_in_another_devpts_is_another_terminal(held: Held) -> None:
    holder, ((process, _), _) = held
    terminal = terminal_of(process)
    assert terminal is not None
    other = tty_master.Terminal(terminal.device + 1, terminal.special, terminal.inode)
    assert masters_of(holder, other) == []
    assert take_master(holder, other) is None


def test_a_process_without_a_terminal_has_none(sleeper: Callable[[], Any]) -> None:
    _, process = sleeper()
    assert terminal_of(process) is None


def test_another_process_with_its_pid_has_none(held: Held) -> None:
    holder, ((process, _), _) = held
    other = ProcessIdentity(pid=process.pid, start_time=process.start_time + 1)
    assert terminal_of(other) is None
    terminal = terminal_of(process)
    assert terminal is not None
    late = ProcessIdentity(pid=holder.pid, start_time=holder.start_time + 1)
    assert masters_of(late, terminal) == []


def test_a_number_that_was_given_away_meanwhile_is_not_taken(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, ((process, _), (_, [others])) = held
    terminal = terminal_of(process)
    assert terminal is not None
    # As if the holder had put another terminal there since it was looked at.
    monkeypatch.setattr(tty_master, "masters_of", lambda *_: [others])
    assert take_master(holder, terminal) is None


def test_being_refused_is_told(held: Held, require_root: None) -> None:
    holder, _ = held
    words = [sys.executable, "-c", AS_NOBODY, str(holder.pid), str(holder.start_time)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
    assert f"not allowed to use what process {holder.pid} has open" in done.stdout, done.stderr


def test_what_is_closed_or_gone_is_no_error(held: Held, ended: ProcessIdentity) -> None:
    holder, _ = held
    assert duplicate(holder, 99_999) is None
    assert duplicate(ended, 0) is None


def _read_until(master: int, text: bytes) -> None:
    seen = b""
    while text not in seen:
        assert select.select([master], [], [], 20)[0], f"{text!r} never came, but {seen!r}"
        seen += os.read(master, 4096)
