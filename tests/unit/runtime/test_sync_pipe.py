"""What conmon says on its pipes."""

from __future__ import annotations

import pytest

from runtime.protocol.sync_pipe import Report, ReportParser

SAID = (
    b'{"data": 0}\n{"data": 12868}\n'
    b'{"data": -1, "message": "exec failed: exec: \\"no\\": not found in $PATH\\n"}\n'
    b'{"data": 137}\n'
)
# More brackets than any parser follows.
DEEP = b"[" * 100_000 + b"]" * 100_000
REPORTS = [
    Report(data=0),
    Report(data=12868),
    Report(data=-1, message='exec failed: exec: "no": not found in $PATH\n'),
    Report(data=137),
]


def test_whole() -> None:
    assert ReportParser().feed(SAID) == REPORTS


def test_byte_by_byte() -> None:
    parser = ReportParser()
    assert [report for byte in SAID for report in parser.feed(bytes([byte]))] == REPORTS


def test_a_line_without_its_end_is_waited_for() -> None:
    parser = ReportParser()
    assert parser.feed(b'{"data": 1') == []
    assert parser.feed(b"2}") == []
    assert parser.feed(b"\n") == [Report(data=12)]
    assert parser.noise == b""


@pytest.mark.parametrize(
    "garbage",
    [
        b"conmon: something broke",
        b"",
        b"{}",
        b'{"data": "12"}',
        b'{"data": 1.5}',
        b"[1]",
        b"12",
        b'{"data": 12',
        b'{"data": 1, "message": "\xff"}',
        b"\x00\xff",
        b'{"data": 1, "more": ' + DEEP + b"}",
        DEEP,
    ],
    ids=lambda garbage: garbage[:30],
)
def test_garbage_is_kept_as_noise_and_stops_nothing(garbage: bytes) -> None:
    parser = ReportParser()
    assert parser.feed(garbage + b'\n{"data": 5}\n') == [Report(data=5)]
    assert parser.noise == garbage + b"\n"


def test_unknown_fields_are_passed_over() -> None:
    assert ReportParser().feed(b'{"exit_code": 4, "data": 4}\n') == [Report(data=4)]


@pytest.mark.parametrize(("data", "failed"), [(-1, True), (-32, True), (0, False), (137, False)])
def test_a_negative_number_is_a_failure(data: int, failed: bool) -> None:
    assert Report(data=data).failed is failed
