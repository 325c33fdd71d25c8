"""make bench: what the parts of exectop cost beside their peers, each measured in one run.

Every part runs its kinds of work one after the other, round by round, so that all see the same
machine. Only ratios mean something: machines differ, and are noisy.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

from tests.bench import dashboard, echo, exec_cost, keystrokes, many, scan, terminal

PARTS: dict[str, tuple[str, int, Callable[[int], Awaitable[None]]]] = {
    "exec": ("one command in a container, to its exit code and first byte", 40, exec_cost.measure),
    "many": ("many sessions in one container (--rounds is how many)", 500, many.measure),
    "terminal": ("output that the emulator takes in, beside pyte and tmux", 3, terminal.measure),
    "echo": ("a key to its echo on the screen, idle and beside a flood", 200, echo.measure),
    "scan": ("looking through 5,000 processes and 200 containers", 10, scan.measure),
    "dashboard": ("an open dashboard: CPU, and how soon it shows news", 20, dashboard.measure),
    "keys": ("a key to its echo, below any screen", 500, keystrokes.measure),
}


def main() -> None:
    """Measure the chosen parts and print their tables."""
    parser = argparse.ArgumentParser(
        prog="make bench",
        description=(__doc__ or "").splitlines()[0],
        epilog="parts: " + "; ".join(f"{name}: {what}" for name, (what, _, _) in PARTS.items()),
    )
    parser.add_argument("part", nargs="*", help="the parts to measure (default all)")
    parser.add_argument("--rounds", type=int, help="runs of each kind (default by part)")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.part if name not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)} (there are {', '.join(PARTS)})")
    if os.geteuid() != 0:
        sys.exit("make bench needs root: it starts containers")
    for name in chosen.part or PARTS:
        _, rounds, measure = PARTS[name]
        asyncio.run(_awaited(measure(chosen.rounds or rounds)))


async def _awaited(work: Awaitable[None]) -> None:
    await work


if __name__ == "__main__":
    main()
