"""Packets of conmon's attach socket (conmon src/conn_sock.c, src/ctr_stdio.c).

Out: one packet a read, its first byte the stream, then at most 8192 bytes. In: raw bytes, at
most 32 768 a packet (conmon cuts the rest off), and an empty packet means disconnect.
"""

from __future__ import annotations

from collections.abc import Iterator

STDOUT = 2
STDERR = 3
LARGEST_OUTPUT = 1 + 8192
LARGEST_INPUT = 32_768


def decode_output(packet: bytes) -> tuple[int, bytes]:
    """Split a packet into its stream (1 stdout, 2 stderr) and its bytes."""
    return (2 if packet[0] == STDERR else 1), packet[1:]


def encode_input(data: bytes) -> Iterator[bytes]:
    """Cut input into packets that conmon takes whole; nothing for no bytes."""
    for start in range(0, len(data), LARGEST_INPUT):
        yield data[start : start + LARGEST_INPUT]
