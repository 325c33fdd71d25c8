"""Cutting off viewers that read nothing: the sockets of other processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.kernel.borrowing import borrowed
from runtime.kernel.proc import identify
from runtime.kernel.seqpacket import is_hung_up, unread_bytes
from runtime.model import ProcessIdentity
from runtime.oci.bundle import ExecBundle
from runtime.sessions.stalls import Stalls
from runtime.sessions.viewers import connection_of, registered, viewers_of

Child = subprocess.Popen[str]

# A viewer that receives a packet for each line that is sent to its stdin, and says how long it is.
VIEWER = """
import socket, sys
from pathlib import Path
from runtime.oci.bundle import ExecBundle
from runtime.sessions.viewers import registered
connection = socket.socket(fileno=int(sys.argv[2]))
with registered(ExecBundle(Path(sys.argv[1]), "box")) as registration:
    registration.note(connection)
    print("attached", flush=True)
    for line in sys.stdin:
        print(len(connection.recv(9000)), flush=True)
"""


class Viewer:
    """A viewer of another process, and the monitor's end of its connection."""

    def __init__(self, bundle: ExecBundle) -> None:
        self.monitor, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.child = subprocess.Popen(
                [sys.executable, "-c", VIEWER, str(bundle.folder), str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[3],
                pass_fds=[theirs.fileno()],
            )
        assert self.child.stdout is not None
        assert self.child.stdout.readline() == "attached\n"

    def receive(self) -> int:
        """Let it receive a packet; the packet's length, 0 once it was cut off."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return int(self.child.stdout.readline())

    def send(self, data: bytes) -> None:
        """Send it a packet, as conmon does. Raises BrokenPipeError once it was cut off."""
        self.monitor.send(data)

    def close(self) -> None:
        self.child.kill()
        self.child.communicate()
        self.monitor.close()


@pytest.fixture
def viewer(bundle: ExecBundle) -> Iterator[Viewer]:
    made = Viewer(bundle)
    yield made
    made.close()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time by which viewers are judged: `now[0] += 1`."""
    time = [100.0]
    monkeypatch.setattr("runtime.sessions.stalls.time.monotonic", lambda: time[0])
    yield time


def test_one_that_reads_nothing_for_too_long_is_cut_off(
    bundle: ExecBundle, viewer: Viewer, now: list[float]
) -> None:
    watch = Stalls()
    viewer.send(b"hello")
    viewer.child.send_signal(signal.SIGSTOP)
    assert watch.look(bundle)
    now[0] += 0.9
    assert watch.look(bundle)
    viewer.send(b"again")

    assert watch.look(bundle)  # more is waiting: from now on it is counted anew
    now[0] += 1
    assert not watch.look(bundle)

    with pytest.raises(BrokenPipeError):
        viewer.send(b"more")
    viewer.child.send_signal(signal.SIGCONT)
    assert [viewer.receive() for _ in range(3)] == [5, 5, 0]


def test_it_can_still_type(bundle: ExecBundle, viewer: Viewer, now: list[float]) -> None:
    watch = Stalls()
    viewer.send(b"hello")
    watch.look(bundle)
    now[0] += 1
    watch.look(bundle)
    connection = connection_of(viewers_of(bundle)[0])
    assert connection is not None
    with borrowed(connection.process, connection.descriptor) as descriptor:
        assert descriptor is not None
        os.write(descriptor, b"typed")
    assert viewer.monitor.recv(100) == b"typed"
    assert not is_hung_up(viewer.monitor)


def test_one_that_reads_is_left_alone(bundle: ExecBundle, viewer: Viewer, now: list[float]) -> None:
    watch = Stalls()
    for number in range(1, 5):
        viewer.send(b"x" * number)
        assert watch.look(bundle)
        assert viewer.receive() == number
        now[0] += 1
        assert not watch.look(bundle)


def test_one_that_has_nothing_to_read_is_left_alone(
    bundle: ExecBundle, viewer: Viewer, now: list[float]
) -> None:
    watch = Stalls()
    for _ in range(3):
        assert not watch.look(bundle)
        now[0] += 1
    viewer.send(b"hello")
    assert viewer.receive() == 5


def test_one_s_own_connection_is_left_alone(bundle: ExecBundle, now: list[float]) -> None:
    monitor, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    watch = Stalls()
    with monitor, ours, registered(bundle) as registration:
        registration.note(ours)
        monitor.send(b"hello")
        for _ in range(3):
            assert not watch.look(bundle, besides=registration.path)
            now[0] += 1
        monitor.send(b"hello")
        # Another of the same program is like any other.
        watch.look(bundle)
        now[0] += 1
        watch.look(bundle)
        with pytest.raises(BrokenPipeError):
            monitor.send(b"hello")


def test_another_socket_under_the_number_is_left_alone(
    bundle: ExecBundle, now: list[float]
) -> None:
    watch = Stalls()
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
    with registered(bundle) as registration:
        registration.note(pairs[0][1])
        os.dup2(pairs[1][1].fileno(), pairs[0][1].fileno())
        pairs[1][0].send(b"hello")
        for _ in range(3):
            assert not watch.look(bundle)
            now[0] += 1
        pairs[1][0].send(b"hello")
    for pair in pairs:
        for each in pair:
            each.close()


def test_a_note_that_is_no_note_is_passed_over(bundle: ExecBundle) -> None:
    with registered(bundle) as registration:
        assert not Stalls().look(bundle)
        registration.path.write_bytes(b'{"process": 7}')
        assert not Stalls().look(bundle)


def test_borrowing_takes_the_very_process_and_an_open_descriptor() -> None:
    us = identify(os.getpid())
    assert us is not None
    with borrowed(ProcessIdentity(pid=us.pid, start_time=us.start_time + 1), 0) as descriptor:
        assert descriptor is None
    with borrowed(us, 99_999) as descriptor:
        assert descriptor is None
    read, write = os.pipe()
    with borrowed(us, write) as descriptor:
        assert descriptor not in (None, write)
        assert descriptor is not None
        os.write(descriptor, b"x")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    assert os.read(read, 10) == b"x"
    os.close(read)
    os.close(write)


def test_unread_bytes_are_those_of_all_packets() -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        assert unread_bytes(other) == 0
        one.send(b"12345")
        one.send(b"123")
        assert unread_bytes(other) == 8
        other.recv(100)
        assert unread_bytes(other) == 3


def test_a_hang_up_is_more_than_one_direction() -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        one.shutdown(socket.SHUT_WR)
        assert not is_hung_up(other)
        one.close()
        assert is_hung_up(other)
