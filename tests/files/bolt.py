"""bbolt databases, written as go.etcd.io/bbolt lays them out."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Union

Tree = Mapping[str, Union[bytes, str, "Tree"]]


class BoltWriter:
    """Lays out one database; small pages and few elements a page make deep trees."""

    def __init__(self, page_size: int = 4096, most: int = 8, inline: int = 256) -> None:
        """`most` elements go on a page; buckets up to `inline` bytes go into their parent's."""
        self._page_size = page_size
        self._most = most
        self._inline = inline
        self._pages: list[bytes] = []

    def write(self, tree: Tree, transaction: int = 7, *, spoil: int | None = None) -> bytes:
        """The file's bytes. The older meta page points to nothing; `spoil` damages one of both."""
        self._pages = [b"", b""]
        root = self._bucket(tree)
        metas = [self._meta(number, root, transaction) for number in range(2)]
        if spoil is not None:
            metas[spoil] = metas[spoil][:40] + bytes(len(metas[spoil]) - 40)
        return b"".join(self._padded(page) for page in (*metas, *self._pages[2:]))

    def _meta(self, number: int, root: int, transaction: int) -> bytes:
        newest = transaction % 2 == number
        fields = (root if newest else 99, 0, 2, len(self._pages), transaction - (not newest))
        body = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, self._page_size, 0, *fields)
        return struct.pack("<QHHI", number, 4, 0, 0) + body + struct.pack("<Q", _fnv(body))

    def _padded(self, page: bytes) -> bytes:
        return page + bytes(-len(page) % self._page_size)

    def _bucket(self, tree: Tree) -> int:
        """Write a bucket to pages of its own; gives the number of its topmost page."""
        leaves = self._leaves(tree) or [[]]
        level = [(leaf[0][1] if leaf else b"", self._add(_leaf(leaf))) for leaf in leaves]
        while len(level) > 1:
            parts = [level[at : at + self._most] for at in range(0, len(level), self._most)]
            level = [(part[0][0], self._add(_branch(part))) for part in parts]
        return level[0][1]

    def _leaves(self, tree: Tree) -> list[list[tuple[int, bytes, bytes]]]:
        elements = [self._element(key, tree[key]) for key in sorted(tree)]
        return [elements[at : at + self._most] for at in range(0, len(elements), self._most)]

    def _element(self, key: str, value: Any) -> tuple[int, bytes, bytes]:
        if isinstance(value, Mapping):
            leaves = self._leaves(value) or [[]]
            if len(leaves) == 1 and len(_leaf(leaves[0])) <= self._inline:
                return 1, key.encode(), struct.pack("<QQ", 0, 0) + _leaf(leaves[0])
            return 1, key.encode(), struct.pack("<QQ", self._bucket(value), 0)
        return 0, key.encode(), value.encode() if isinstance(value, str) else value

    def _add(self, page: bytes) -> int:
        number = len(self._pages)
        more = (len(page) - 1) // self._page_size
        self._pages.append(page[:12] + struct.pack("<I", more) + page[16:])
        self._pages += [b""] * more
        return number


def _leaf(elements: list[tuple[int, bytes, bytes]]) -> bytes:
    head, body = b"", b""
    for place, (flags, key, value) in enumerate(elements):
        offset = (len(elements) - place) * 16 + len(body)
        head += struct.pack("<IIII", flags, offset, len(key), len(value))
        body += key + value
    return struct.pack("<QHHI", 0, 2, len(elements), 0) + head + body


def _branch(parts: list[tuple[bytes, int]]) -> bytes:
    head, body = b"", b""
    for place, (key, number) in enumerate(parts):
        offset = (len(parts) - place) * 16 + len(body)
        head += struct.pack("<IIQ", offset, len(key), number)
        body += key
    return struct.pack("<QHHI", 0, 1, len(parts), 0) + head + body


def _fnv(data: bytes) -> int:
    found = 0xCBF29CE484222325
    for byte in data:
        found = ((found ^ byte) * 0x100000001B3) % (1 << 64)
    return found
