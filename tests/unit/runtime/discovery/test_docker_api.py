"""What is asked of dockerd, and what becomes of answers that are none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.discovery import docker_api
from runtime.discovery.docker_api import ask_exec

Serve = Callable[[bytes | None], Path]
EXEC = (
    b'{"Running":true,"Pid":7,"OpenStdin":false,"OpenStderr":false,"OpenStdout":true,'
    b'"ProcessConfig":{"entrypoint":"sh","arguments":["-c","true"],"tty":false}}'
)


def answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    length = str(len(body)).encode()
    return b"HTTP/1.1 " + status + b"\r\nContent-Length: " + length + b"\r\n\r\n" + body


@pytest.fixture
def serve(short_folder: Path) -> Iterator[Serve]:
    """A function that makes a server which gives one answer, or none for None."""
    listener = socket.socket(socket.AF_UNIX)
    path, done = short_folder / "s", threading.Event()
    threads: list[threading.Thread] = []

    def run(text: bytes | None) -> None:
        with listener.accept()[0] as connection:
            assert connection.recv(4096).startswith(b"GET /exec/abc/json HTTP/1.1\r\n")
            if text is None:
                done.wait()
            else:
                connection.sendall(text)

    def start(text: bytes | None) -> Path:
        listener.bind(str(path))
        listener.listen()
        threads.append(threading.Thread(target=run, args=(text,)))
        threads[-1].start()
        return path

    yield start
    done.set()
    for each in threads:
        each.join()
    listener.close()


def test_what_it_says_of_an_exec(serve: Serve) -> None:
    found = ask_exec(serve(answer(EXEC)), "abc")
    assert found is not None
    assert (found.running, found.pid, found.attached) == (True, 7, True)
    assert found.command == ["sh", "-c", "true"]


@pytest.mark.parametrize(
    "text",
    [answer(b"{}", b"404 Not Found"), answer(b"{"), answer(b"\xff"), b"nonsense\r\n\r\n", b""],
)
def test_what_is_no_answer(serve: Serve, text: bytes) -> None:
    assert ask_exec(serve(text), "abc") is None


def test_nobody_there(short_folder: Path) -> None:
    assert ask_exec(short_folder / "s", "abc") is None


def test_one_that_is_mute_is_told_of(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_api, "_PATIENCE", 0.01)
    path = serve(None)
    with pytest.raises(TimeoutError):
        ask_exec(path, "abc")
