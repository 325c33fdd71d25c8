"""Reading conmon's log back."""

from __future__ import annotations

import pytest

from runtime.protocol.kept_output import KeptOutputDecoder

TIME = b"2026-11-24T05:57:23.131293233+00:00"
# As conmon wrote them, with the times of another zone, too.
RECORDS = (
    TIME + b" stdout P no newline\n"
    b"2026-11-24T05:57:23.131293233-05:30 stdout F rest\n" + TIME + b" stderr F \n"
)


def test_partial_and_full_lines() -> None:
    assert KeptOutputDecoder().feed(RECORDS) == [(1, b"no newlinerest\n"), (2, b"\n")]


def test_a_record_of_no_output_gives_none() -> None:
    head = b"begin stdout P \n"
    assert KeptOutputDecoder().feed(head) == []
    assert KeptOutputDecoder().feed(head + RECORDS)[0] == (1, b"no newlinerest\n")
    assert KeptOutputDecoder().feed(TIME + b" stderr P \n" + head) == []


def test_byte_by_byte() -> None:
    decoder = KeptOutputDecoder()
    pieces = [piece for byte in RECORDS for piece in decoder.feed(bytes([byte]))]
    assert pieces == [(1, b"no newline"), (1, b"rest\n"), (2, b"\n")]


def test_a_record_is_given_only_when_it_is_whole() -> None:
    decoder = KeptOutputDecoder()
    assert decoder.feed(TIME + b" stdout F hal") == []
    assert decoder.feed(b"f") == []
    assert decoder.feed(b"\n") == [(1, b"half\n")]


@pytest.mark.parametrize(
    "text",
    [
        TIME + b" stdout F looks like a record",
        b"\r\x00\xff\x1b[31m stderr P ",
        b" ",
        b"stdout F x",
    ],
)
def test_text_that_looks_like_a_record_stays_text(text: bytes) -> None:
    assert KeptOutputDecoder().feed(TIME + b" stdout P " + text + b"\n") == [(1, text)]


@pytest.mark.parametrize("broken", [b"", b"nonsense", TIME + b" stdin F x", TIME + b" stdout X y"])
def test_a_broken_line_is_passed_over(broken: bytes) -> None:
    good = TIME + b" stdout F good\n"
    assert KeptOutputDecoder().feed(good + broken + b"\n" + good) == [(1, b"good\ngood\n")]
