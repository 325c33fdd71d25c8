"""Packets of conmon's attach socket."""

from __future__ import annotations

import pytest

from runtime.protocol.attach import LARGEST_INPUT, LARGEST_OUTPUT, decode_output, encode_input


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (b"\x02hello", (1, b"hello")),
        (b"\x03oops", (2, b"oops")),
        (b"\x02\x00\xff\x02\x03", (1, b"\x00\xff\x02\x03")),
        (b"\x02", (1, b"")),
    ],
)
def test_output_is_split_into_stream_and_bytes(packet: bytes, expected: tuple[int, bytes]) -> None:
    assert decode_output(packet) == expected


def test_the_largest_packet_of_conmon_fits() -> None:
    assert LARGEST_OUTPUT == 1 + 8192


@pytest.mark.parametrize(
    ("size", "packets"),
    [(1, [1]), (32768, [32768]), (32769, [32768, 1]), (100_000, [32768, 32768, 32768, 1696])],
)
def test_input_is_cut_where_conmon_would_drop_the_rest(size: int, packets: list[int]) -> None:
    data = bytes(number % 251 for number in range(size))
    cut = list(encode_input(data))
    assert [len(packet) for packet in cut] == packets
    assert b"".join(cut) == data
    assert LARGEST_INPUT == 32768


def test_no_input_is_no_packet_as_an_empty_one_means_disconnect() -> None:
    assert list(encode_input(b"")) == []
