"""The emulator beside pyte's two screens and tmux: how much output a CPU second takes in.

CPU time, not time: the machine may have other things to do. Each stream goes in as it would come
from a pty, 4 KiB at a time, with 10,000 rows of scrollback. tmux reads from a real pty, and its
time is that of its server.
"""

from __future__ import annotations

import gc
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyte

from tests.bench.measuring import row, title
from tests.bench.terminal_streams import STREAMS, stream
from widgets.vt import Terminal

CHUNK = 4096
SCROLLBACK = 10_000
TARGETS = {
    "log text": 18.0,
    "coloured": 7.0,
    "truecolor": 4.0,
    "CJK and emoji": 3.7,
    "redraws 172x47": 4.5,
    "scroll region": 9.0,
}
"""What the emulator has to reach, as a multiple of pyte.Screen."""

Feed = Callable[[bytes], None]


def ours(columns: int, lines: int) -> Feed:
    """This project's emulator."""
    return Terminal(columns, lines, SCROLLBACK).feed


def pyte_screen(columns: int, lines: int) -> Feed:
    """pyte without any scrollback, as it comes."""
    feed: Feed = pyte.ByteStream(pyte.Screen(columns, lines)).feed
    return feed


def pyte_history(columns: int, lines: int) -> Feed:
    """pyte with a scrollback."""
    feed: Feed = pyte.ByteStream(pyte.HistoryScreen(columns, lines, history=SCROLLBACK)).feed
    return feed


EMULATORS = {"exectop": ours, "pyte.Screen": pyte_screen, "HistoryScreen": pyte_history}


async def measure(rounds: int) -> None:
    """Print megabytes per CPU second, the ratio to pyte.Screen, and the memory of a terminal."""
    title(f"Terminal: MB per CPU second, median of {rounds}")
    names = [*EMULATORS, "tmux"]
    row("stream", *names, "ratio", "wanted")
    for name in STREAMS:
        speeds = speeds_of(name, rounds)
        ratio = speeds["exectop"] / speeds["pyte.Screen"]
        shown = [f"{speeds[each]:.2f}" if each in speeds else "-" for each in names]
        row(name, *shown, f"{ratio:.1f}", f"{TARGETS[name]:.1f}")
    title("Terminal: MB held with a full scrollback at 120 columns (below 15 wanted)")
    row("stream", "rows kept", "as written", "looked at")
    for name in ("log text", "coloured", "truecolor", "CJK and emoji"):
        rows, written, seen = memory_of(name)
        row(name, str(rows), f"{written:.1f}", f"{seen:.1f}")


def speeds_of(name: str, rounds: int) -> dict[str, float]:
    """Megabytes per CPU second of each emulator; round by round, so that all see the same."""
    data = stream(name)
    _, size = STREAMS[name]
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for emulator, make in EMULATORS.items():
            # The quick ones get more to do, or there would be nothing to measure.
            times = 6 if make is ours else 1
            seconds = cpu_seconds(make(*size), data, times)
            found.setdefault(emulator, []).append(len(data) * times / 1e6 / seconds)
        if shutil.which("tmux"):
            found.setdefault("tmux", []).append(len(data) * 20 / 1e6 / tmux_seconds(data, 20, size))
    return {emulator: statistics.median(speeds) for emulator, speeds in found.items()}


def cpu_seconds(feed: Feed, data: bytes, times: int) -> float:
    """The CPU time it takes to feed the data so many times; what came before is warmed up."""
    chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    for chunk in chunks[: len(chunks) // 8]:
        feed(chunk)
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        for chunk in chunks:
            feed(chunk)
    return time.process_time() - start


def tmux_seconds(data: bytes, times: int, size: tuple[int, int]) -> float:
    """The CPU time of a tmux server of our own that shows the data so many times."""
    with tempfile.TemporaryDirectory(prefix="xb-") as folder:
        path = Path(folder, "stream")
        path.write_bytes(data * times)
        Path(folder, "conf").write_text(f"set -g history-limit {SCROLLBACK}\nset -g status off\n")
        tmux = ["tmux", "-S", f"{folder}/socket", "-f", f"{folder}/conf"]
        signal = f"{' '.join(tmux)} wait-for"
        command = f"{signal} go; cat {path}; {signal} -S done; {signal} never"
        columns, lines = (str(number) for number in size)
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [*tmux, "new", "-d", "-x", columns, "-y", lines, command], check=True, env=environment
        )
        try:
            asked = subprocess.run(
                [*tmux, "display", "-p", "#{pid}"], check=True, capture_output=True, text=True
            )
            server = int(asked.stdout)
            before = run_time(server)
            subprocess.run([*tmux, "wait-for", "-S", "go"], check=True)
            subprocess.run([*tmux, "wait-for", "done"], check=True)
            return run_time(server) - before
        finally:
            subprocess.run([*tmux, "kill-server"], check=True)


def run_time(pid: int) -> float:
    """Seconds a process has run (proc(5), schedstat)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def memory_of(name: str) -> tuple[int, float, float]:
    """Rows kept of a stream without end, and the megabytes they hold before and after all their
    cells were made."""
    data = stream(name)
    gc.collect()
    tracemalloc.start()
    terminal = Terminal(120, 40, SCROLLBACK)
    while terminal.history_total < 2 * SCROLLBACK:
        terminal.feed(data)
    gc.collect()
    written, _ = tracemalloc.get_traced_memory()
    for index in range(-terminal.history_length, terminal.lines):
        terminal.line(index)
    gc.collect()
    seen, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return terminal.history_length, written / 1e6, seen / 1e6
