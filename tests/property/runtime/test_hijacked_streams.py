"""Framed streams in any pieces, hostile ones, and heads from whatever a client asks for."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import StreamFormatError
from runtime.protocol.hijack import HijackRequest, requested_upgrade, response_head
from runtime.protocol.stdcopy import FrameDecoder, encode_frame

FRAMES = st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=40)), max_size=12)


def joined(pieces: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """The same with neighbours of one stream put together."""
    groups = itertools.groupby((piece for piece in pieces if piece[1]), key=lambda each: each[0])
    return [(stream, b"".join(data for _, data in group)) for stream, group in groups]


@given(FRAMES, st.data())
def test_any_cutting_is_as_good_as_none(
    frames: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    sent = b"".join(encode_frame(stream, content) for stream, content in frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=10)))
    decoder = FrameDecoder()
    found: list[tuple[int, bytes]] = []
    for start, end in itertools.pairwise([0, *cuts, len(sent)]):
        found += decoder.feed(sent[start:end])
    assert joined(found) == joined(frames)
    assert not decoder.incomplete


@given(FRAMES)
def test_byte_by_byte(frames: list[tuple[int, bytes]]) -> None:
    sent = b"".join(encode_frame(stream, content) for stream, content in frames)
    decoder = FrameDecoder()
    found = [piece for byte in sent for piece in decoder.feed(bytes([byte]))]
    assert joined(found) == joined(frames)


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_frames_or_refused_and_nothing_is_kept(pieces: list[bytes]) -> None:
    decoder = FrameDecoder()
    for piece in pieces:
        try:
            found = decoder.feed(piece)
        except StreamFormatError:
            return
        # What comes out came in just now, and was not gathered from before.
        assert sum(len(content) for _, content in found) <= len(piece)


@given(st.text(max_size=30), st.text(max_size=30), st.booleans())
def test_whatever_is_asked_for_the_head_is_one_head(
    connection: str, upgrade: str, framed: bool
) -> None:
    request = HijackRequest(upgrade=requested_upgrade(connection, upgrade))
    head = response_head(request, framed=framed)
    status, *fields = head.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
    assert head.count(b"\r\n\r\n") == 1
    assert status == ("HTTP/1.1 101 UPGRADED" if request.upgrade else "HTTP/1.1 200 OK")
    assert len(fields) == (3 if request.upgrade else 1)
    assert all(": " in field for field in fields)
