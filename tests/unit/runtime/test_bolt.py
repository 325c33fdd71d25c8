"""Reading databases of bbolt."""

from __future__ import annotations

import struct

import pytest

from runtime.protocol.bolt import Bolt, DamagedBoltError
from tests.files.bolt import BoltWriter, Tree

MANY = {f"key-{number:04}": f"value {number}" for number in range(700)}
TREE: Tree = {
    "few": {"a": "1", "b": "", "inner": {"x": "deep"}},
    "large": {"value": b"\xff" * 9000, "small": "s"},
    "many": MANY,
    "none": {},
}


def opened(data: bytes) -> Bolt:
    return Bolt(lambda offset, length: data[offset : offset + length])


@pytest.fixture(params=[(4096, 64), (512, 3), (65536, 8)], ids=["usual", "deep", "large pages"])
def bolt(request: pytest.FixtureRequest) -> Bolt:
    page_size, most = request.param
    return opened(BoltWriter(page_size, most).write(TREE))


def test_values(bolt: Bolt) -> None:
    few, large = bolt.bucket("few"), bolt.bucket("large")
    assert few is not None
    assert large is not None
    assert (few.value("a"), few.value("b"), few.value("c")) == (b"1", b"", None)
    assert large.value("value") == b"\xff" * 9000


def test_buckets(bolt: Bolt) -> None:
    inner = bolt.bucket("few", "inner")
    assert inner is not None
    assert inner.values() == {"x": "deep"}
    assert bolt.bucket("few", "a") is None
    assert bolt.bucket("few", "nowhere", "x") is None
    few = bolt.bucket("few")
    assert few is not None
    assert few.value("inner") is None
    assert few.values() == {"a": "1", "b": ""}


def test_every_key_of_a_tree_is_found(bolt: Bolt) -> None:
    many = bolt.bucket("many")
    assert many is not None
    assert many.values() == MANY
    assert {key: many.value(key) for key in MANY} == {k: v.encode() for k, v in MANY.items()}
    for other in ("", "key-0000x", "key-0349x", "key-9"):
        assert many.value(other) is None


def test_an_empty_bucket(bolt: Bolt) -> None:
    none = bolt.bucket("none")
    assert none is not None
    assert (none.values(), none.value("a")) == ({}, None)


@pytest.mark.parametrize("transaction", [7, 8])
def test_the_newest_transaction_counts(transaction: int) -> None:
    bolt = opened(BoltWriter().write(TREE, transaction))
    assert bolt.transaction == transaction
    assert bolt.bucket("few") is not None


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_a_damaged_meta_page_is_passed_over(page_size: int) -> None:
    # Of transaction 7 the second page is the newest.
    bolt = opened(BoltWriter(page_size).write(TREE, 7, spoil=0))
    assert bolt.transaction == 7
    assert bolt.bucket("few") is not None
    assert opened(BoltWriter(page_size).write(TREE, 7, spoil=1)).transaction == 6


@pytest.mark.parametrize("data", [b"", b"x" * 5000, bytes(8192)])
def test_what_is_no_database(data: bytes) -> None:
    with pytest.raises(DamagedBoltError):
        opened(data)


def test_a_file_that_is_cut_off() -> None:
    whole = BoltWriter(512, 3).write(TREE)
    bolt = opened(whole[: len(whole) // 2])
    with pytest.raises(DamagedBoltError):
        bolt.bucket("many")


def test_pages_in_a_circle() -> None:
    writer = BoltWriter(512, 3)
    data = bytearray(writer.write({"many": MANY}))
    branches = [
        place
        for place in range(1024, len(data), 512)
        if struct.unpack_from("<H", data, place + 8)[0] == 1
    ]
    for place in branches:  # each now points to itself
        for index in range(struct.unpack_from("<H", data, place + 10)[0]):
            struct.pack_into("<Q", data, place + 16 + index * 16 + 8, place // 512)
    whole, reads = bytes(data), 0

    def read(offset: int, length: int) -> bytes:
        nonlocal reads
        reads += 1
        return whole[offset : offset + length]

    many = Bolt(read).bucket("many")
    assert many is not None
    with pytest.raises(DamagedBoltError):
        many.value("key-0001")
    with pytest.raises(DamagedBoltError):
        many.values()
    assert reads < 200


def test_a_very_long_value_is_left_out_of_many() -> None:
    bolt = opened(BoltWriter().write({"b": {"long": b"x" * 100_000, "short": "y"}}))
    bucket = bolt.bucket("b")
    assert bucket is not None
    assert bucket.values() == {"short": "y"}
    assert bucket.value("long") == b"x" * 100_000
