"""Parsers of what others write: any bytes, in any pieces, and only the errors they promise."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import InvalidArgumentError, NoSuchUserError
from runtime.kernel.proc import parse_stat
from runtime.protocol.attach import LARGEST_INPUT, decode_output, encode_input
from runtime.protocol.detach_keys import parse_detach_keys
from runtime.protocol.passwd import home_of, resolve_user
from runtime.protocol.runtime_error import last_error_of_log, translate
from runtime.protocol.sync_pipe import Report, ReportParser

REPORTS = st.lists(
    st.builds(Report, st.integers(-(2**31), 2**31 - 1), st.text(max_size=30)), max_size=6
)
# Text and numbers of passwd(5), as right and as wrong as they come.
FIELD = st.one_of(
    st.sampled_from(["alice", "root", "0", "5", "9" * 5000, "", "#", "\u2028", "-1"]),
    st.text(max_size=8),
)
LINE = st.lists(FIELD, max_size=9).map(":".join)
FILE = st.one_of(
    st.binary(max_size=200),
    st.lists(LINE, max_size=8).map(lambda lines: "\n".join(lines).encode(errors="replace")),
)


@given(REPORTS, st.data())
def test_reports_in_any_pieces(reports: list[Report], data: st.DataObject) -> None:
    said = b"".join(msgspec.json.encode(report) + b"\n" for report in reports)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=6)))
    parser = ReportParser()
    found = [
        report
        for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True)
        for report in parser.feed(said[start:end])
    ]
    assert found == reports
    assert parser.noise == b""


@given(st.binary(max_size=200))
def test_any_noise_before_a_report(noise: bytes) -> None:
    parser = ReportParser()
    assert parser.feed(noise + b'\n{"data": 5}\n')[-1] == Report(data=5)


@given(FIELD, FIELD, FILE, FILE)
def test_users_are_found_or_refused(
    name: str, group_name: str, passwd: bytes, group: bytes
) -> None:
    for asked in (name, f"{name}:{group_name}"):
        try:
            found = resolve_user(asked, passwd, group)
        except NoSuchUserError:
            continue
        assert found.uid >= 0
        assert found.gid >= 0
        assert found.home
        assert found.groups == sorted(set(found.groups))
    assert home_of(5, passwd)


@given(
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**31 - 1),
    st.text("abcdefgh", min_size=1, max_size=5),
    st.lists(LINE.filter(lambda line: "\n" not in line), max_size=5),
)
def test_a_good_entry_is_found_among_broken_ones(
    uid: int, gid: int, name: str, lines: list[str]
) -> None:
    before = "\n".join(line for line in lines if not line.strip().startswith(f"{name}:"))
    passwd = f"{before}\n{name}:x:{uid}:{gid}:me:/home/{name}:/bin/sh\n".encode(errors="replace")
    found = resolve_user(name, passwd, b"")
    assert (found.uid, found.gid, found.home) == (uid, gid, f"/home/{name}")


@given(st.text(max_size=30))
def test_detach_keys_are_parsed_or_refused(text: str) -> None:
    try:
        keys = parse_detach_keys(text)
    except InvalidArgumentError:
        return
    assert len(keys) == (len(text.split(",")) if text else 0)


@given(st.binary(max_size=60).filter(lambda name: b"\n" not in name), st.integers(0, 2**63))
def test_any_command_name_in_proc(name: bytes, start_time: int) -> None:
    fields = b" S 5 6 7 8 9" + b" 0" * 13 + b" %d 0 0\n" % start_time
    stat = parse_stat(b"77 (" + name + b")" + fields)
    assert (stat.pid, stat.comm) == (77, name.decode(errors="replace"))
    assert (stat.state, stat.ppid, stat.session, stat.start_time) == ("S", 5, 7, start_time)


@given(st.binary(max_size=200_000))
def test_input_packets_hold_all_of_it(data: bytes) -> None:
    packets = list(encode_input(data))
    assert b"".join(packets) == data
    assert all(0 < len(packet) <= LARGEST_INPUT for packet in packets)


@given(st.sampled_from([2, 3]), st.binary(max_size=100))
def test_output_packets(stream: int, data: bytes) -> None:
    assert decode_output(bytes([stream]) + data) == (stream - 1, data)


@given(st.text(max_size=80), st.binary(max_size=80))
def test_the_last_error_is_found_whatever_stands_around_it(text: str, noise: bytes) -> None:
    line = json.dumps({"level": "error", "msg": text}).encode()
    noise = noise.replace(b"{", b"")
    assert last_error_of_log(noise + b"\n" + line + b"\n" + noise) == text.strip()


@given(st.text(max_size=80))
def test_every_message_becomes_an_error_with_an_exit_code(text: str) -> None:
    error = translate(text, container_id="c", session_id="s")
    assert error.exit_code in (125, 126, 127)
    assert error.message
    assert "\n" not in error.message


@pytest.mark.parametrize("packet", [b"\x02", b"\x03"])
def test_an_empty_packet_of_a_stream(packet: bytes) -> None:
    assert decode_output(packet)[1] == b""
