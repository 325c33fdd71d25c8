"""A database that is damaged anywhere gives an answer or DamagedBoltError, and comes to an end."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.protocol.bolt import Bolt, DamagedBoltError
from tests.files.bolt import BoltWriter, Tree

TREE: Tree = {
    "a": {f"key-{number}": "v" * number for number in range(60)},
    "b": {"x": {"y": {"z": "1"}}},
}
WHOLE = BoltWriter(512, 4).write(TREE)
# Behind the meta pages, whose checksum would reveal each change.
_BODY = 1024


def read_all(data: bytes) -> None:
    with contextlib.suppress(DamagedBoltError):
        bolt = Bolt(lambda offset, length: data[offset : offset + length])
        for path in ((), ("a",), ("b", "x", "y")):
            bucket = bolt.bucket(*path)
            if bucket is not None:
                bucket.value("key-7")
                bucket.values()


@given(st.lists(st.tuples(st.integers(_BODY, len(WHOLE) - 1), st.integers(0, 255)), max_size=20))
@settings(max_examples=300, deadline=None)
def test_changed_bytes(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for place, value in changes:
        data[place] = value
    read_all(bytes(data))


@given(st.integers(0, len(WHOLE)))
@settings(max_examples=100, deadline=None)
def test_cut_off(length: int) -> None:
    read_all(WHOLE[:length])


@given(st.dictionaries(st.text(max_size=8), st.binary(max_size=700), max_size=40))
@settings(max_examples=100, deadline=None)
def test_what_was_written_is_read(values: dict[str, bytes]) -> None:
    data = BoltWriter(512, 5).write({"bucket": values})
    bucket = Bolt(lambda offset, length: data[offset : offset + length]).bucket("bucket")
    assert bucket is not None
    assert {key: bucket.value(key) for key in values} == values
