"""Frames of stdout and stderr on one stream."""

from __future__ import annotations

import pytest

from runtime.errors import StreamFormatError
from runtime.protocol.stdcopy import STDERR, STDOUT, SYSTEM_ERROR, FrameDecoder, encode_frame


@pytest.mark.parametrize(
    ("stream", "data", "frame"),
    [
        (STDOUT, b"hello", b"\x01\0\0\0\0\0\0\x05hello"),
        (STDERR, b"\0\xff", b"\x02\0\0\0\0\0\0\x02\0\xff"),
        (STDOUT, b"", b"\x01\0\0\0\0\0\0\0"),
        (STDERR, b"x" * 66051, b"\x02\0\0\0\0\x01\x02\x03" + b"x" * 66051),
    ],
)
def test_a_frame_is_stream_size_and_bytes(stream: int, data: bytes, frame: bytes) -> None:
    assert encode_frame(stream, data) == frame
    decoder = FrameDecoder()
    assert decoder.feed(frame) == ([(stream, data)] if data else [])
    assert not decoder.incomplete


def test_streams_come_apart_in_order() -> None:
    frames = encode_frame(1, b"a") + encode_frame(2, b"b") + encode_frame(1, b"c")
    assert FrameDecoder().feed(frames) == [(1, b"a"), (2, b"b"), (1, b"c")]


def test_a_frame_is_given_on_as_it_comes_whatever_size_it_claims() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(b"\x01\0\0\0\xff\xff\xff\xff") == []
    piece = b"x" * 1_000_000
    for _ in range(3):
        assert decoder.feed(piece) == [(1, piece)]
    assert decoder.incomplete


def test_a_server_s_own_error_is_told_as_such() -> None:
    assert FrameDecoder().feed(encode_frame(SYSTEM_ERROR, b"sorry")) == [(3, b"sorry")]


@pytest.mark.parametrize("cut", range(1, 8))
def test_an_end_within_a_header_is_seen(cut: int) -> None:
    decoder = FrameDecoder()
    assert decoder.feed(encode_frame(1, b"whole") + encode_frame(2, b"")[:cut]) == [(1, b"whole")]
    assert decoder.incomplete


@pytest.mark.parametrize(
    "header",
    [b"\x04\0\0\0\0\0\0\x01", b"HTTP/1.1", b"\x01\0\0\x01\0\0\0\x01", b"\xff" * 8],
)
def test_what_is_no_frame_is_refused(header: bytes) -> None:
    with pytest.raises(StreamFormatError, match="no head of a frame"):
        FrameDecoder().feed(header + b"x")
