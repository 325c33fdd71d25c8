"""How several terminals share one area: a tree of splits, and the arithmetic of their places.

Pure: it knows numbers and rectangles, no widget. Tiles beside each other have a divider of one
column between them; tiles below each other have none, as each has a line of its own on top.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Literal

Direction = Literal["left", "right", "up", "down"]
DIVIDER = 1
LEAST_SHARE = 0.05


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """The cells of one tile."""

    x: int
    y: int
    width: int
    height: int


@dataclasses.dataclass(slots=True, eq=False)
class Split:
    """An area that is shared: `beside` each other, or below each other."""

    beside: bool
    parts: list[int | Split]
    shares: list[float]

    def tiles(self) -> Iterator[int]:
        """The tiles in it, in reading order."""
        for part in self.parts:
            if isinstance(part, Split):
                yield from part.tiles()
            else:
                yield part

    def lengths(self, whole: int) -> list[int]:
        """The whole divided by the shares, without the dividers; nothing is lost to rounding."""
        gaps = (len(self.parts) - 1) * DIVIDER if self.beside else 0
        room, total = max(0, whole - gaps), sum(self.shares)
        ends = [round(room * each / total) for each in itertools.accumulate(self.shares)]
        return [end - start for start, end in zip([0, *ends], ends, strict=False)]


class Tiling:
    """The tiles of one tab, by number."""

    def __init__(self, key: int) -> None:
        self._root = Split(True, [key], [1.0])

    @property
    def keys(self) -> list[int]:
        """All tiles, in reading order."""
        return list(self._root.tiles())

    # -- changing it

    def split(self, key: int, new: int, *, beside: bool) -> None:
        """Give half of the place of `key` to a new tile to the right of it, or below it."""
        parent, index = self._find(key)
        if len(parent.parts) == 1:
            parent.beside = beside
        if parent.beside == beside:
            parent.shares[index] /= 2
            parent.parts.insert(index + 1, new)
            parent.shares.insert(index + 1, parent.shares[index])
        else:
            parent.parts[index] = Split(beside, [key, new], [1.0, 1.0])

    def remove(self, key: int) -> bool:
        """Take a tile away; its neighbours get its place. False when it was the last one."""
        parent, index = self._find(key)
        if parent is self._root and len(parent.parts) == 1:
            return False
        del parent.parts[index]
        del parent.shares[index]
        self._collapse(self._root)
        return True

    def resize(self, key: int, direction: Direction, cells: int, area: tuple[int, int]) -> None:
        """Move the divider on that side of the tile by some cells; without one, the other side's.

        `area` is the width and height of the whole.
        """
        beside = direction in ("left", "right")
        found = self._dividing(key, beside)
        if found is None:
            return
        split, index = found
        forward = direction in ("right", "down")
        before = index if index + 1 < len(split.shares) else index - 1
        step = cells / max(1, area[0] if beside else area[1]) * sum(split.shares)
        step = step if forward else -step
        pair = split.shares[before] + split.shares[before + 1]
        least = LEAST_SHARE * sum(split.shares)
        share = min(max(split.shares[before] + step, least), max(least, pair - least))
        split.shares[before : before + 2] = [share, pair - share]

    def even_out(self) -> None:
        """Give equal shares everywhere."""
        for split in self._splits(self._root):
            split.shares = [1.0] * len(split.parts)

    def turn(self) -> None:
        """Beside becomes below, and below becomes beside."""
        for split in self._splits(self._root):
            split.beside = not split.beside

    def _find(self, key: int) -> tuple[Split, int]:
        for split in self._splits(self._root):
            if key in split.parts:
                return split, split.parts.index(key)
        raise KeyError(key)

    def _dividing(self, key: int, beside: bool) -> tuple[Split, int] | None:
        """The innermost split of that kind around the tile, and which of its parts holds it."""
        for split in reversed(list(self._splits(self._root))):
            for index, part in enumerate(split.parts):
                inside = key in part.tiles() if isinstance(part, Split) else part == key
                if inside and split.beside == beside and len(split.parts) > 1:
                    return split, index
        return None

    def _splits(self, split: Split) -> Iterator[Split]:
        yield split
        for part in split.parts:
            if isinstance(part, Split):
                yield from self._splits(part)

    def _collapse(self, split: Split) -> None:
        """A split of one part is no split: what it holds takes its place."""
        for index, part in enumerate(split.parts):
            if isinstance(part, Split):
                self._collapse(part)
                if len(part.parts) == 1:
                    split.parts[index] = part.parts[0]
        only = split.parts[0]
        if split is self._root and len(split.parts) == 1 and isinstance(only, Split):
            self._root = only

    # -- looking at it

    def places(self, width: int, height: int) -> dict[int, Place]:
        """Where each tile is in an area of this size."""
        found: dict[int, Place] = {}
        _lay_out(self._root, Place(0, 0, width, height), found)
        return found

    def neighbour(self, key: int, direction: Direction) -> int | None:
        """The tile one meets going that way from the middle of `key`, None at the edge."""
        places = self.places(10_000, 10_000)
        here = places.pop(key)
        met = {
            away: other
            for other, place in places.items()
            if (away := _way(here, place, direction)) is not None
        }
        return met[min(met)] if met else None


def _lay_out(node: int | Split, place: Place, found: dict[int, Place]) -> None:
    if isinstance(node, int):
        found[node] = place
        return
    start = place.x if node.beside else place.y
    lengths = node.lengths(place.width if node.beside else place.height)
    for part, length in zip(node.parts, lengths, strict=True):
        if node.beside:
            _lay_out(part, Place(start, place.y, length, place.height), found)
            start += length + DIVIDER
        else:
            _lay_out(part, Place(place.x, start, place.width, length), found)
            start += length


def _way(here: Place, there: Place, direction: Direction) -> int | None:
    """How far `there` begins from `here`, None when it does not lie that way."""
    if direction in ("left", "right"):
        ahead = there.x - (here.x + here.width)
        behind = here.x - (there.x + there.width)
        middle, start, length = here.y + here.height // 2, there.y, there.height
    else:
        ahead = there.y - (here.y + here.height)
        behind = here.y - (there.y + there.height)
        middle, start, length = here.x + here.width // 2, there.x, there.width
    away = ahead if direction in ("right", "down") else behind
    return away if away >= 0 and start <= middle < start + length else None
