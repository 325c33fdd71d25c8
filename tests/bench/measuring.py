"""Measuring kinds of work beside each other: interleaved, so that all see the same machine."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

# Does the work once; may give the seconds it wants counted, None for all of them.
Measured = Callable[[], Awaitable[float | None]]


async def interleaved(kinds: dict[str, Measured], rounds: int) -> dict[str, list[float]]:
    """The durations of each kind, in seconds; the first round only warms up.

    Each round has an order of its own: what a kind costs depends on what ran just before it (the
    kernel lets a process into a cgroup 15 ms later when nobody was let in for a while).
    """
    times: dict[str, list[float]] = {name: [] for name in kinds}
    order, shuffle = list(kinds.items()), random.Random(rounds).shuffle
    for number in range(rounds + 1):
        shuffle(order)
        for name, kind in order:
            start = time.perf_counter()
            counted = await kind()
            if number:
                whole = time.perf_counter() - start
                times[name].append(whole if counted is None else counted)
    return times


def median(seconds: Sequence[float]) -> float:
    """The median, in milliseconds."""
    return statistics.median(seconds) * 1000


def percentile(seconds: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed, in milliseconds."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def title(text: str) -> None:
    """The heading of a table."""
    sys.stdout.write(f"\n{text}\n")


def row(*cells: str) -> None:
    """One line of a table; the first column is wide."""
    first, *rest = cells
    sys.stdout.write(f"  {first:<24}" + "".join(f"{cell:>13}" for cell in rest) + "\n")
    sys.stdout.flush()
