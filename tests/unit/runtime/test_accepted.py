"""Who is connected to a server, seen from outside; the server here is this very process."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.kernel.accepted import Accepted, accepted_connections
from runtime.kernel.proc import identify
from runtime.model import ProcessIdentity

Connect = Callable[[], tuple[socket.socket, int]]


@pytest.fixture
def connect(short_folder: Path) -> Iterator[Connect]:
    """A function that connects to a server of ours; gives the client and the server's end."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(short_folder / "s"))
        listener.listen()

        def connect() -> tuple[socket.socket, int]:
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(short_folder / "s"))
            server = stack.enter_context(listener.accept()[0])
            return client, server.fileno()

        yield connect


def look(*descriptors: int) -> list[Accepted] | None:
    own = identify(os.getpid())
    assert own is not None
    return accepted_connections(own, descriptors)


def test_a_living_connection_tells_who_made_it(connect: Connect) -> None:
    client, server = connect()
    assert look(server) == [Accepted(os.getpid())]
    client.shutdown(socket.SHUT_WR)  # it has typed its last, and reads on
    assert look(server) == [Accepted(os.getpid())]


def test_one_whose_other_end_is_closed_is_none(connect: Connect) -> None:
    client, server = connect()
    client.close()
    assert look(server) == []


def test_the_client_s_own_end_is_none(connect: Connect) -> None:
    client, _ = connect()
    assert look(client.fileno()) == []


def test_files_and_listeners_are_none(short_folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, (short_folder / "f").open("w") as file:
        listener.bind(str(short_folder / "l"))
        listener.listen()
        assert look(listener.fileno(), file.fileno()) == []


def test_over_tcp_nobody_knows_who_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        with client, listener.accept()[0] as server:
            assert look(server.fileno()) == [Accepted(0)]


def test_one_that_was_closed_meanwhile_is_none(connect: Connect) -> None:
    _, server = connect()
    assert look(server, 1_000_000) == [Accepted(os.getpid())]


def test_what_cannot_be_looked_at_says_so() -> None:
    gone = ProcessIdentity(pid=os.getpid(), start_time=1)
    assert accepted_connections(gone, [0]) is None
