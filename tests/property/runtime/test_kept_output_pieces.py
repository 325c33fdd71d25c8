"""conmon's log gives back every byte, however it was written and however it is read."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from runtime.protocol.kept_output import KeptOutputDecoder

TIME = b"2026-11-24T05:57:23.131293233+00:00"
STREAMS = {1: b"stdout", 2: b"stderr"}
# Bytes that mean something to the format, and any others.
TEXT = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from([b"\n", b"\r", b" ", TIME + b" stdout F ", b"P", b"\x00"])).map(
        b"".join
    ),
)
READS = st.lists(st.tuples(st.sampled_from([1, 2]), TEXT), max_size=12)


def encode(reads: list[tuple[int, bytes]]) -> bytes:
    """The log of what so many reads gave (conmon src/ctr_logging.c write_k8s_log)."""
    log = b""
    for stream, data in reads:
        for line in re.findall(rb"[^\n]*\n|[^\n]+", data):
            log += TIME + b" " + STREAMS[stream]
            log += b" F " + line if line.endswith(b"\n") else b" P " + line + b"\n"
    return log


def joined(pieces: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Neighbours of one stream in one, nothing where there is nothing."""
    result: list[tuple[int, bytes]] = []
    for stream, data in pieces:
        if data and result and result[-1][0] == stream:
            result[-1] = (stream, result[-1][1] + data)
        elif data:
            result.append((stream, data))
    return result


@given(READS)
def test_whole(reads: list[tuple[int, bytes]]) -> None:
    assert KeptOutputDecoder().feed(encode(reads)) == joined(reads)


@given(READS, st.data())
def test_in_any_pieces(reads: list[tuple[int, bytes]], data: st.DataObject) -> None:
    log = encode(reads)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), max_size=10)))
    decoder = KeptOutputDecoder()
    pieces = [
        piece
        for start, end in zip([0, *cuts], [*cuts, len(log)], strict=True)
        for piece in decoder.feed(log[start:end])
    ]
    assert joined(pieces) == joined(reads)


@given(READS)
def test_byte_by_byte(reads: list[tuple[int, bytes]]) -> None:
    decoder = KeptOutputDecoder()
    pieces = [piece for byte in encode(reads) for piece in decoder.feed(bytes([byte]))]
    assert joined(pieces) == joined(reads)


@given(READS, st.binary(max_size=50))
def test_a_broken_line_costs_no_more_than_itself(
    reads: list[tuple[int, bytes]], noise: bytes
) -> None:
    log = encode(reads)
    broken = noise.replace(b"\n", b"").replace(b" ", b"") + b"\n"
    assert KeptOutputDecoder().feed(log + broken + log) == joined(reads + reads)
