"""Keeping another process from reading its terminal's master, and letting it again."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.kernel.epoll_entries import EpollEntry, epoll_entries
from runtime.kernel.proc import identify
from runtime.kernel.tty_master import masters_of, take_master, terminal_of
from runtime.model import ProcessIdentity
from runtime.sessions.sole_reader import become_sole_reader

# As a shim: waits for its terminal with epoll, and tells what it read. On "replace" it puts
# another file in the place of the master.
HOLDER = """
import os, pty, select, subprocess, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
code = "import sys; [print(end=line, flush=True) for line in sys.stdin]"
child = subprocess.Popen([sys.executable, "-I", "-S", "-c", code],
                         stdin=slave, stdout=slave, stderr=slave)
os.close(slave)
os.set_blocking(master, False)
epoll = select.epoll()
epoll.register(master, select.EPOLLIN | select.EPOLLET)
epoll.register(0, select.EPOLLIN)
print(child.pid, master, epoll.fileno(), flush=True)
while True:
    for number, _ in epoll.poll():
        if number == 0:
            if not os.read(0, 100): sys.exit()
            other = os.open("/dev/null", os.O_RDONLY)
            os.dup2(other, master)
            print("replaced", flush=True)
        else:
            print("read", os.read(master, 1000), flush=True)
"""


class Holder:
    """A process that holds a terminal and reads what it prints."""

    def __init__(self, child: Any) -> None:
        self.child = child
        leader, self.number, self.epoll = (int(word) for word in child.stdout.readline().split())
        process, in_terminal = identify(child.pid), identify(leader)
        assert process is not None and in_terminal is not None
        self.process = process
        terminal = terminal_of(in_terminal)
        assert terminal is not None
        assert masters_of(self.process, terminal) == [self.number]
        master = take_master(self.process, terminal)
        assert master is not None
        self.master = master

    def read(self) -> str:
        """The next thing that it tells."""
        return str(self.child.stdout.readline())


@pytest.fixture
def holder(start_child: Callable[..., Any]) -> Iterator[Holder]:
    made = Holder(start_child(HOLDER))
    yield made
    os.close(made.master)


def read_here(holder: Holder) -> bytes:
    assert select.select([holder.master], [], [], 30)[0]
    return os.read(holder.master, 1000)


async def test_only_we_read_until_we_leave(holder: Holder) -> None:
    for _ in range(2):
        os.write(holder.master, b"before\n")
        assert holder.read() == "read b'before\\n'\n"
        sole = await become_sole_reader(holder.process, [holder.number], holder.master)
        assert sole is not None
        for number in range(50):
            os.write(holder.master, b"%d\n" % number)
            assert read_here(holder) == b"%d\n" % number
        os.write(holder.master, b"left for it\n")
        assert select.select([holder.master], [], [], 30)[0]
        sole.close()
        assert holder.read() == "read b'left for it\\n'\n"


async def test_another_file_with_the_master_s_number_is_left_alone(holder: Holder) -> None:
    (entry,) = epoll_entries(holder.process, holder.number)
    assert entry.events & select.EPOLLIN and entry.epoll == holder.epoll
    sole = await become_sole_reader(holder.process, [holder.number], holder.master)
    assert sole is not None
    assert epoll_entries(holder.process, holder.number) == []
    holder.child.stdin.write("replace")
    holder.child.stdin.flush()
    assert holder.read() == "replaced\n"
    sole.shutdown(socket.SHUT_WR)
    assert select.select([sole], [], [], 30)[0]
    assert sole.recv(1) == b"", "it has ended, and done what it does"
    sole.close()
    assert epoll_entries(holder.process, holder.number) == []


async def test_a_holder_that_does_not_wait_for_it_cannot_be_kept_from_reading(
    holder: Holder,
) -> None:
    assert await become_sole_reader(holder.process, [0x7FFF], holder.master) is None


async def test_where_the_program_does_not_start_the_holder_reads_on(
    holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert await become_sole_reader(holder.process, [holder.number], holder.master) is None
    os.write(holder.master, b"on\n")
    assert holder.read() == "read b'on\\n'\n"


def test_entries_of_a_process_that_is_gone(ended: ProcessIdentity) -> None:
    assert epoll_entries(ended, 3) == []


def test_what_the_kernel_says_of_an_entry(holder: Holder) -> None:
    (entry,) = epoll_entries(holder.process, 0)
    # Of the 64 bits that a program gives along, Python sets the lower ones only (epoll_data_t).
    assert entry == EpollEntry(holder.epoll, 0, entry.events, entry.data)
    assert entry.data & 0xFFFFFFFF == 0
