"""Facts about processes from /proc."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

import pytest

from runtime.kernel.proc import all_stats, boot_id, identify, is_alive, parse_stat, read_stat
from runtime.model import ProcessIdentity

TAIL = b" 4194560 118 0 0 0 0 0 0 0 20 0 1 0 8042 6000640 220 18446744073709551615"
Process = tuple[subprocess.Popen[str], ProcessIdentity]


@pytest.mark.parametrize(
    ("name", "comm"),
    [
        (b"sh", "sh"),
        (b"a) R (b", "a) R (b"),
        (b"a b) Z 1 2 3", "a b) Z 1 2 3"),
        (b"((((", "(((("),
        (b"))))", "))))"),
        (b"", ""),
        (b"tmux: server", "tmux: server"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b" ", " "),
    ],
)
def test_strange_command_names(name: bytes, comm: str) -> None:
    stat = parse_stat(b"77 (" + name + b") S 5 6 7 34816 8" + TAIL)
    assert stat.comm == comm
    assert (stat.pid, stat.state, stat.ppid, stat.pgrp, stat.session) == (77, "S", 5, 6, 7)
    assert (stat.tty_nr, stat.start_time) == (34816, 8042)
    assert stat.identity == ProcessIdentity(pid=77, start_time=8042)


def test_a_process_that_gave_itself_a_strange_name(
    start_child: Callable[..., subprocess.Popen[str]],
) -> None:
    child = start_child(
        "import sys; open('/proc/self/comm', 'w').write('a) Z 0 (b'); print(flush=True);"
        "sys.stdin.read()"
    )
    assert child.stdout is not None
    child.stdout.readline()
    stat = read_stat(child.pid)
    assert stat is not None
    assert (stat.comm, stat.ppid, stat.ended) == ("a) Z 0 (b", os.getpid(), False)


@pytest.mark.parametrize(
    ("state", "ended"),
    [(b"R", False), (b"S", False), (b"D", False), (b"T", False), (b"Z", True), (b"X", True)],
)
def test_which_states_are_an_end(state: bytes, ended: bool) -> None:
    assert parse_stat(b"1 (x) " + state + b" 0 0 0 0 0" + TAIL).ended is ended


def test_ourselves() -> None:
    stat = read_stat(os.getpid())
    assert stat is not None
    assert (stat.pid, stat.ppid, stat.session) == (os.getpid(), os.getppid(), os.getsid(0))
    assert identify(os.getpid()) == stat.identity
    assert is_alive(stat.identity)
    assert stat.identity in [each.identity for each in all_stats()]


def test_another_process_with_our_pid_is_not_us() -> None:
    us = identify(os.getpid())
    assert us is not None
    assert not is_alive(ProcessIdentity(pid=us.pid, start_time=us.start_time + 1))


def test_a_zombie_is_there_but_not_alive(zombie: Process) -> None:
    _, identity = zombie
    assert identify(identity.pid) == identity
    assert not is_alive(identity)


def test_one_that_ended_is_gone(ended: ProcessIdentity) -> None:
    assert identify(ended.pid) != ended
    assert not is_alive(ended)
    assert ended not in [each.identity for each in all_stats()]


@pytest.mark.parametrize("pid", [0, -1, -12345, 2**40])
def test_numbers_that_are_no_pid(pid: int) -> None:
    assert read_stat(pid) is None
    assert identify(pid) is None
    assert not is_alive(ProcessIdentity(pid=pid, start_time=1))


def test_no_process_is_not_alive() -> None:
    assert not is_alive(None)


def test_boot_id_is_the_kernel_s() -> None:
    with open("/proc/sys/kernel/random/boot_id") as file:
        assert boot_id() == file.read().strip()
