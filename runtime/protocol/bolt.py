"""Reading bbolt databases, in which podman (up to 4) and containerd keep what they know.

The file is pages: two meta pages, of which the one with the higher transaction counts, and B+trees
whose leaves hold values or further trees ("buckets"). Format: go.etcd.io/bbolt, page.go and
bucket.go. A transaction never overwrites a page that the one before it can reach, so what was
read is whole if the newest transaction is still the same afterwards.
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

_PAGE = struct.Struct("<QHHI")
_META = struct.Struct("<IIIIQQQQQ")
_CHECKSUM = struct.Struct("<Q")
_BRANCH = struct.Struct("<IIQ")
_LEAF = struct.Struct("<IIII")
_BUCKET = struct.Struct("<QQ")

_MAGIC = 0xED0CDAED
_VERSION = 2
_BRANCH_FLAG = 0x01
_LEAF_FLAG = 0x02
_BUCKET_FLAG = 0x01
_PAGE_SIZES = tuple(1 << power for power in range(9, 17))
# Whoever wrote the file may be somebody else, so whatever it says has a bound. Trees of 4 KiB
# pages are a handful of pages deep; deeper means that pages point in a circle.
_DEEPEST = 32
_LARGEST_PAGE = 16 * 1024 * 1024
_LARGEST_FILE = 1 << 48
_MOST_READ = 1024 * 1024 * 1024
_MOST_VALUES = 10_000
_LONGEST_VALUE = 64 * 1024

Read = Callable[[int, int], bytes]


class DamagedBoltError(ValueError):
    """The bytes are no bbolt database, or one that was changed while it was read."""


class _Meta(NamedTuple):
    page_size: int
    root: int
    transaction: int


class Bolt:
    """A database as its newest whole transaction left it."""

    def __init__(self, read: Read) -> None:
        """`read(offset, length)` gives bytes of the file. Raises DamagedBoltError."""
        self._read = read
        self._meta = _newest_meta(read)
        self._left = _MOST_READ

    @property
    def transaction(self) -> int:
        """The number of the transaction that is being read."""
        return self._meta.transaction

    def bucket(self, *path: str) -> Bucket | None:
        """The bucket at this path, None where there is none. Raises DamagedBoltError."""
        found: Bucket | None = Bucket(self, self.page(self._meta.root))
        for name in path:
            if found is None:
                break
            found = found.bucket(name)
        return found

    def page(self, number: int) -> bytes:
        """The page of that number, with those that only continue it."""
        size = self._meta.page_size
        if number * size > _LARGEST_FILE:
            raise DamagedBoltError(f"there can be no page {number}")
        head = self._read(number * size, _PAGE.size)
        length = (_unpack(_PAGE, head, 0)[3] + 1) * size
        self._left -= length
        if length > _LARGEST_PAGE or self._left < 0:
            raise DamagedBoltError(f"there is too much to read at page {number}")
        return self._read(number * size, length)


class Bucket:
    """One tree: keys in order, each with a value or another bucket."""

    def __init__(self, file: Bolt, page: bytes) -> None:
        """`page` is the tree's topmost page."""
        self._file = file
        self._page = page

    def value(self, key: str) -> bytes | None:
        """The value of a key; None where there is none, or a bucket."""
        found = self._find(key.encode())
        return found if isinstance(found, bytes) else None

    def bucket(self, key: str) -> Bucket | None:
        """The bucket of that name; None where there is none, or a value."""
        found = self._find(key.encode())
        return found if isinstance(found, Bucket) else None

    def values(self) -> dict[str, str]:
        """The values as text, without the buckets and without very long or very many ones."""
        found: dict[str, str] = {}
        for key, value in self._walk(self._page, 0):
            if len(found) >= _MOST_VALUES:
                break
            if isinstance(value, bytes) and len(key) + len(value) <= _LONGEST_VALUE:
                found[key.decode(errors="replace")] = value.decode(errors="replace")
        return found

    def _find(self, wanted: bytes) -> bytes | Bucket | None:
        page = self._page
        for _ in range(_DEEPEST):
            is_leaf, count = _header(page)
            if is_leaf:
                return self._find_in_leaf(page, count, wanted)
            # The last of the subtrees whose first key is not beyond the wanted one.
            at = bisect.bisect_right(
                range(count), wanted, key=lambda index: _branch(page, index)[0]
            )
            page = self._file.page(_branch(page, max(0, at - 1))[1])
        raise DamagedBoltError("its pages point in a circle")

    def _find_in_leaf(self, page: bytes, count: int, wanted: bytes) -> bytes | Bucket | None:
        at = bisect.bisect_left(range(count), wanted, key=lambda index: _leaf_key(page, index))
        if at < count and _leaf_key(page, at) == wanted:
            return self._value_at(page, at)
        return None

    def _walk(self, page: bytes, depth: int) -> Iterator[tuple[bytes, bytes | Bucket]]:
        if depth >= _DEEPEST:
            raise DamagedBoltError("its pages point in a circle")
        is_leaf, count = _header(page)
        for index in range(count):
            if is_leaf:
                yield _leaf_key(page, index), self._value_at(page, index)
            else:
                yield from self._walk(self._file.page(_branch(page, index)[1]), depth + 1)

    def _value_at(self, page: bytes, index: int) -> bytes | Bucket:
        flags, key, key_size, size = _leaf(page, index)
        value = _cut(page, key + key_size, size)
        if not flags & _BUCKET_FLAG:
            return value
        root = _unpack(_BUCKET, value, 0)[0]
        # A small bucket has its only page right behind its header.
        return Bucket(self._file, self._file.page(root) if root else value[_BUCKET.size :])


def _header(page: bytes) -> tuple[bool, int]:
    """Whether it is a leaf, and how many elements there are."""
    _, flags, count, _ = _unpack(_PAGE, page, 0)
    if flags not in (_BRANCH_FLAG, _LEAF_FLAG) or (flags == _BRANCH_FLAG and not count):
        raise DamagedBoltError("a page that is no part of a tree")
    return flags == _LEAF_FLAG, count


def _branch(page: bytes, index: int) -> tuple[bytes, int]:
    element = _PAGE.size + index * _BRANCH.size
    offset, size, number = _unpack(_BRANCH, page, element)
    return _cut(page, element + offset, size), number


def _leaf(page: bytes, index: int) -> tuple[int, int, int, int]:
    """Flags, where the key is, its size, and that of the value behind it."""
    element = _PAGE.size + index * _LEAF.size
    flags, offset, key_size, size = _unpack(_LEAF, page, element)
    return flags, element + offset, key_size, size


def _leaf_key(page: bytes, index: int) -> bytes:
    _, key, size, _ = _leaf(page, index)
    return _cut(page, key, size)


def _unpack(format: struct.Struct, data: bytes, place: int) -> tuple[int, ...]:
    try:
        return format.unpack_from(data, place)
    except struct.error as error:
        raise DamagedBoltError("the file is cut off") from error


def _cut(page: bytes, place: int, length: int) -> bytes:
    found = page[place : place + length]
    if len(found) != length:
        raise DamagedBoltError("an element reaches over the end of its page")
    return found


def _newest_meta(read: Read) -> _Meta:
    # The second meta page is one page behind the first, which may be damaged.
    first = _meta(read(_PAGE.size, _META.size + _CHECKSUM.size))
    sizes = (first.page_size,) if first else _PAGE_SIZES
    seconds = (_meta(read(size + _PAGE.size, _META.size + _CHECKSUM.size)) for size in sizes)
    whole = [meta for meta in (first, *seconds) if meta is not None]
    if not whole:
        raise DamagedBoltError("no bbolt database")
    return max(whole, key=lambda meta: meta.transaction)


def _meta(data: bytes) -> _Meta | None:
    if len(data) != _META.size + _CHECKSUM.size:
        return None
    fields = _META.unpack_from(data)
    whole = _CHECKSUM.unpack_from(data, _META.size)[0] == _fnv(data[: _META.size])
    if fields[:2] != (_MAGIC, _VERSION) or not whole or fields[2] not in _PAGE_SIZES:
        return None
    return _Meta(page_size=fields[2], root=fields[4], transaction=fields[8])


def _fnv(data: bytes) -> int:
    """FNV-1a with 64 bits."""
    found = 0xCBF29CE484222325
    for byte in data:
        found = (found ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return found
