"""The head of a hijacked stream, byte by byte as clients of Docker and libpod know it."""

from __future__ import annotations

import http.client
import socket
from typing import Any

import pytest

from runtime.errors import InvalidArgumentError
from runtime.protocol.hijack import (
    HijackRequest,
    knows_multiplexed,
    requested_upgrade,
    response_head,
)

RAW = b"Content-Type: application/vnd.docker.raw-stream\r\n"
MULTIPLEXED = b"Content-Type: application/vnd.docker.multiplexed-stream\r\n"
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\n"
TO_TCP = b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"


@pytest.mark.parametrize(
    ("framed", "knows", "content_type"),
    [(False, True, RAW), (True, True, MULTIPLEXED), (True, False, RAW), (False, False, RAW)],
)
def test_both_heads_tell_how_the_stream_is_written(
    framed: bool, knows: bool, content_type: bytes
) -> None:
    upgraded = HijackRequest(upgrade="tcp", knows_multiplexed=knows)
    assert response_head(upgraded, framed=framed) == UPGRADED + content_type + TO_TCP
    plain = HijackRequest(knows_multiplexed=knows)
    assert response_head(plain, framed=framed) == b"HTTP/1.1 200 OK\r\n" + content_type + b"\r\n"


def test_the_protocol_asked_for_is_given_back() -> None:
    head = response_head(HijackRequest(upgrade="WebSocket"), framed=False)
    assert head.endswith(b"Connection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n")


def test_the_server_s_own_headers_come_last() -> None:
    request = HijackRequest(headers=(("Api-Version", "1.50"), ("Ostype", "linux")))
    head = response_head(request, framed=False)
    assert head.endswith(RAW + b"Api-Version: 1.50\r\nOstype: linux\r\n\r\n")


def test_an_http_client_reads_the_plain_head_and_a_body_until_the_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(response_head(HijackRequest(), framed=True) + b"the body")
        ours.shutdown(socket.SHUT_WR)
        with http.client.HTTPResponse(theirs) as response:
            response.begin()
            assert response.status == 200
            assert response.getheader("Content-Type") == "application/vnd.docker.multiplexed-stream"
            assert response.read() == b"the body"


@pytest.mark.parametrize(
    ("connection", "upgrade", "expected"),
    [
        ("Upgrade", "tcp", "tcp"),
        ("upgrade", "tcp", "tcp"),
        ("keep-alive, Upgrade", "tcp", "tcp"),
        ("Upgrade", "WebSocket", "WebSocket"),
        ("Upgrade", "HTTP/2.0, tcp", "HTTP/2.0"),
        ("", "tcp", ""),
        ("close", "tcp", ""),
        ("not-an-upgrade", "tcp", ""),
        ("Upgrade", "", ""),
        ("Upgrade", "tcp\r\nSet-Cookie: x", ""),
        ("Upgrade", "t\u0441p", ""),
        ("Upgrade", ", tcp", ""),
    ],
)
def test_when_an_upgrade_counts(connection: str, upgrade: str, expected: str) -> None:
    assert requested_upgrade(connection, upgrade) == expected


@pytest.mark.parametrize(
    ("version", "libpod", "expected"),
    [
        ("1.41", False, False),
        ("1.42", False, True),
        ("v1.50", False, True),
        ("1.100", False, True),
        ("2.0", False, True),
        ("4.6.9", True, False),
        ("4.7.0", True, True),
        ("v5.8.0", True, True),
        ("", False, True),
        ("", True, True),
        ("latest", False, False),
        ("1.42; 9.9", False, False),
        ("1." + "9" * 5000, False, False),
    ],
)
def test_which_clients_know_the_multiplexed_type(
    version: str, libpod: bool, expected: bool
) -> None:
    assert knows_multiplexed(version, libpod=libpod) is expected


@pytest.mark.parametrize(
    "fields",
    [
        {"upgrade": "tcp\r\nX: y"},
        {"upgrade": "t\u0441p"},
        {"headers": (("X", "y\r\n\r\nmore"),)},
        {"headers": (("X: y\r\nZ", "z"),)},
        {"headers": (("", "z"),)},
    ],
)
def test_nothing_in_a_head_can_end_it_early(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError, match="no HTTP header"):
        HijackRequest(**fields)
