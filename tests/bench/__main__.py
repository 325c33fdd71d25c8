"""make bench: what the layer costs beside the bare OCI runtime, measured in one run.

`true` is run in a container until its exit code is known: through the engine (create, start,
attach, exit code) and through the bare `runc exec` or `crun exec`, one after the other, so that
both see the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.demo import cgroups
from app.demo.bundle import BundlePlan
from app.demo.launch import LaunchedContainer, launch_container
from app.demo.rootfs import build_busybox_rootfs, find_busybox
from runtime.engine import Engine
from runtime.model import EngineSettings, ExecConfig

Measured = Callable[[], Awaitable[None]]


def main() -> None:
    """Measure over each runtime and print medians and their ratio."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50, help="runs of each kind (default 50)")
    parser.add_argument("--runtime", choices=["runc", "crun"], action="append")
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("make bench needs root: it starts containers")
    print_row("runtime", "bare ms", "exectop ms", "ratio")
    for runtime in chosen.runtime or ["runc", "crun"]:
        asyncio.run(measure(runtime, chosen.rounds))


async def measure(runtime: str, rounds: int) -> None:
    """Print the row of one runtime."""
    folder = Path(tempfile.mkdtemp(prefix="xb-"))
    folder.chmod(0o755)
    container = start_container(runtime, folder)
    settings = EngineSettings(
        state_dir=str(folder / "state"), run_dir=str(folder / "run"), roots=[str(container.root)]
    )
    try:
        async with Engine(settings) as engine:

            async def through_the_layer() -> None:
                await run_through(engine, container)

            async def bare() -> None:
                await run_bare(container)

            times = await interleaved([bare, through_the_layer], rounds)
    finally:
        container.delete()
        shutil.rmtree(folder)
    medians = [statistics.median(each) * 1000 for each in times]
    print_row(runtime, f"{medians[0]:.1f}", f"{medians[1]:.1f}", f"{medians[1] / medians[0]:.2f}")


def start_container(runtime: str, folder: Path) -> LaunchedContainer:
    """A busybox container of the bench's own."""
    busybox = find_busybox()
    if busybox is None:
        sys.exit("make bench needs busybox-static")
    cgroups.mount_missing_controllers()
    build_busybox_rootfs(folder / "rootfs", busybox)
    plan = BundlePlan(rootfs=folder / "rootfs")
    name = f"xb-{runtime}-{os.getpid()}"
    return launch_container(runtime, folder / "root", name, folder / "bundle", plan)


async def interleaved(kinds: list[Measured], rounds: int) -> list[list[float]]:
    """The durations of each kind, in seconds; the first round only warms up."""
    times: list[list[float]] = [[] for _ in kinds]
    for number in range(rounds + 1):
        for kind, durations in zip(kinds, times, strict=True):
            start = time.perf_counter()
            await kind()
            if number:
                durations.append(time.perf_counter() - start)
    return times


async def run_bare(container: LaunchedContainer) -> None:
    """`runc exec ID true`, waited for."""
    words = [container.runtime, "--root", str(container.root), "exec", container.id, "true"]
    process = await asyncio.create_subprocess_exec(*words, stdin=subprocess.DEVNULL)
    if await process.wait() != 0:
        sys.exit("the bare runtime failed")


async def run_through(engine: Engine, container: LaunchedContainer) -> None:
    """The same through the layer, the removal of its record included."""
    config = ExecConfig(command=["true"], attach_stdout=True, attach_stderr=True)
    found = await engine.find_container(container.id)
    session_id = await engine.exec_create(found, config)
    attachment = await engine.exec_start_and_attach(session_id)
    codes = [getattr(event, "exit_code", None) async for event in attachment.events()]
    await attachment.close()
    await engine.exec_remove(session_id)
    if codes[-1] != 0:
        sys.exit(f"the layer failed: exit code {codes[-1]}")


def print_row(*cells: str) -> None:
    """One line of the report."""
    sys.stdout.write("".join(f"{cell:>12}" for cell in cells) + "\n")


if __name__ == "__main__":
    main()
