"""Tiles share an area: nothing overlaps, nothing is left free but the dividers."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from widgets.tiling import Direction, Place, Tiling


def three() -> Tiling:
    """One on the left, two on the right."""
    tiling = Tiling(1)
    tiling.split(1, 2, beside=True)
    tiling.split(2, 3, beside=False)
    return tiling


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["split", "split", "remove", "grow", "even", "turn"]),
        st.integers(0, 30),
        st.booleans(),
        st.sampled_from(["left", "right", "up", "down"]),
    ),
    max_size=25,
)


def built(steps: list[tuple[str, int, bool, Direction]]) -> tuple[Tiling, set[int]]:
    """The tiling after these steps, and which tiles it should have."""
    tiling, expected = Tiling(0), {0}
    for number, (what, which, beside, direction) in enumerate(steps, start=1):
        key = tiling.keys[which % len(tiling.keys)]
        match what:
            case "split":
                tiling.split(key, number, beside=beside)
                expected.add(number)
            case "remove" if tiling.remove(key):
                expected.discard(key)
            case "grow":
                tiling.resize(key, direction, which, (100, 40))
            case "even":
                tiling.even_out()
            case "turn":
                tiling.turn()
            case _:
                pass
    return tiling, expected


@given(STEPS, st.integers(0, 200), st.integers(0, 60))
def test_tiles_fill_the_area_and_do_not_overlap(
    steps: list[tuple[str, int, bool, Direction]], width: int, height: int
) -> None:
    tiling, expected = built(steps)
    places = tiling.places(width, height)
    assert set(places) == set(tiling.keys) == expected
    cells: set[tuple[int, int]] = set()
    for place in places.values():
        assert place.width >= 0 and place.height >= 0
        own = set(
            itertools.product(
                range(place.x, place.x + place.width), range(place.y, place.y + place.height)
            )
        )
        assert not own & cells
        cells |= own
    if width >= 2 * len(expected):
        free = set(itertools.product(range(width), range(height))) - cells
        assert len(free) <= (len(expected) - 1) * height, "only dividers are free"


def test_places_of_three() -> None:
    assert three().places(101, 40) == {
        1: Place(0, 0, 50, 40),
        2: Place(51, 0, 50, 20),
        3: Place(51, 20, 50, 20),
    }


def test_splitting_the_same_way_again_halves_only_that_tile() -> None:
    tiling = Tiling(1)
    tiling.split(1, 2, beside=True)
    tiling.split(2, 3, beside=True)
    widths = [place.width for place in tiling.places(82, 10).values()]
    assert widths == [40, 20, 20]
    tiling.even_out()
    widths = [place.width for place in tiling.places(82, 10).values()]
    assert sum(widths) == 80
    assert max(widths) - min(widths) <= 1


def test_what_is_removed_leaves_its_place_to_its_neighbours() -> None:
    tiling = three()
    assert tiling.remove(1)
    assert tiling.places(100, 40) == {2: Place(0, 0, 100, 20), 3: Place(0, 20, 100, 20)}
    assert tiling.remove(2)
    assert tiling.places(100, 40) == {3: Place(0, 0, 100, 40)}
    assert not tiling.remove(3)


def test_neighbours() -> None:
    tiling = three()
    ways: tuple[Direction, ...] = ("left", "right", "up", "down")
    found = {key: [tiling.neighbour(key, way) for way in ways] for key in (1, 2, 3)}
    assert found == {
        1: [None, 3, None, None],
        2: [1, None, None, 3],
        3: [1, None, 2, None],
    }


def test_resizing_moves_the_divider_that_way() -> None:
    tiling = three()
    tiling.resize(1, "right", 10, (101, 40))
    assert tiling.places(101, 40)[1].width == 60
    tiling.resize(3, "left", 10, (101, 40))
    assert tiling.places(101, 40)[1].width == 50
    tiling.resize(2, "down", 4, (101, 40))
    assert [place.height for place in tiling.places(101, 40).values()] == [40, 24, 16]
    tiling.resize(3, "down", 400, (101, 40))
    assert tiling.places(101, 40)[3].height > 0, "a tile never vanishes"


def test_turning() -> None:
    tiling = three()
    tiling.turn()
    assert tiling.places(101, 40) == {
        1: Place(0, 0, 101, 20),
        2: Place(0, 20, 50, 20),
        3: Place(51, 20, 50, 20),
    }
