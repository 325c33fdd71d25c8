"""From a key to its echo on the screen: through the dashboard, and through bare `exec -t`."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import re
import shlex
from collections.abc import AsyncIterator

from tests.bench.control_mode import ControlledTmux, Pane
from tests.bench.measuring import Measured, interleaved, median, percentile, row, title
from tests.bench.places import Host, Place, dashboard_command, host

COLUMNS, LINES = 100, 30
OURS = "exectop"
FLOOD = ("sh", "-c", "while :; do seq 1 100000; done")
# None of them is in an escape sequence or in a line of ours.
CHARACTERS = "@~=&^"
_FLOODED = re.compile(r"^\d{5}\b", re.MULTILINE)


class Echo:
    """One key typed into a pane, and the time until it is drawn; then it is erased again."""

    def __init__(self, tmux: ControlledTmux, pane: Pane) -> None:
        self._tmux = tmux
        self._pane = pane
        self._characters = itertools.cycle(CHARACTERS)

    async def __call__(self) -> float:
        """Seconds from the key to the first output with its character in it."""
        character = next(self._characters)
        seconds = await self._tmux.echo(self._pane, character)
        await self._tmux.erase(self._pane)
        # As a person types: not in the very frame in which the last key was drawn.
        await asyncio.sleep(random.uniform(0.03, 0.08))
        return seconds


async def measure(rounds: int) -> None:
    """Print the median and the 99th percentile of each way, idle and beside a flood."""
    with host() as here:
        place = here.of_podman("runc")
        title(f"key to echo in {place}: ms")
        row("", "median", "p99")
        async with _tmux(here) as tmux:
            ways = {
                "runc exec -t": [*place.bare[:-1], "-t", place.id, "cat"],
                "podman exec -it": [*here.podman.command, "exec", "-it", place.name, "cat"],
            }
            panes = {name: await tmux.open(shlex.join(words)) for name, words in ways.items()}
            panes[OURS] = await _open_dashboard(tmux, here, place)
            for pane in panes.values():
                await tmux.type(pane, "ready")
                await tmux.press(pane, "Enter")
                await tmux.wait_for(pane, "ready\nready")
            kinds: dict[str, Measured] = {name: Echo(tmux, each) for name, each in panes.items()}
            _print("idle", await interleaved(kinds, rounds))
            ours = {OURS: kinds.pop(OURS)}
            bare_flood = shlex.join([*place.bare[:-1], "-t", place.id, *FLOOD])
            async with tmux.aside(bare_flood):
                _print("beside a flood", await interleaved(kinds, rounds))
            await _flood(tmux, panes[OURS])
            _print("beside a flood", await interleaved(ours, rounds))


def _print(when: str, times: dict[str, list[float]]) -> None:
    for name, each in times.items():
        row(f"{name}, {when}", f"{median(each):.1f}", f"{percentile(each, 0.99):.1f}")


@contextlib.asynccontextmanager
async def _tmux(here: Host) -> AsyncIterator[ControlledTmux]:
    tmux = ControlledTmux(here.folder / "tmux", COLUMNS, LINES)
    await tmux.start()
    try:
        yield tmux
    finally:
        await tmux.close()


async def _open_dashboard(tmux: ControlledTmux, here: Host, place: Place) -> Pane:
    """The dashboard, with `cat` on a terminal in front."""
    pane = await tmux.open(dashboard_command(here, place))
    await tmux.wait_for(pane, "running")
    await tmux.type(pane, "e")
    await tmux.wait_for(pane, "run a command")
    await tmux.type(pane, "cat")
    await tmux.press(pane, "C-s")
    await tmux.wait_for(pane, f"{COLUMNS}x{LINES - 1}")
    return pane


async def _flood(tmux: ControlledTmux, ours: Pane) -> None:
    """Print without end in another tab."""
    await tmux.press(ours, "C-]")
    await tmux.type(ours, "c")
    await tmux.wait_for(ours, "/ #")
    await tmux.type(ours, shlex.join(FLOOD))
    await tmux.press(ours, "Enter")
    await tmux.wait_shown(ours, lambda text: bool(_FLOODED.search(text)), "the flood")
    await tmux.press(ours, "C-]")
    await tmux.type(ours, "1")
    await tmux.wait_for(ours, "•")
