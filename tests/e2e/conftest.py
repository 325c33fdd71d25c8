"""A real terminal to run the real program in: a tmux server of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.demo.bundle import BundlePlan
from app.demo.launch import LaunchedContainer, launch_container
from app.demo.rootfs import build_host_rootfs
from runtime.model import EngineSettings
from tests.conftest import what_is_left

PROGRAM = Path(sys.executable).parent / "exectop"
_PATIENCE = 60.0
HOST_USR = {
    "destination": "/usr",
    "type": "bind",
    "source": "/usr",
    "options": ["rbind", "ro", "nosuid", "nodev", "rprivate"],
}


class TmuxScreen:
    """One tmux window: keys in, text on the screen out."""

    def __init__(self, socket: Path, columns: int, lines: int, command: str) -> None:
        self._socket = socket
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(lines), command)
        self.tmux("set-option", "-g", "remain-on-exit", "on")

    def tmux(self, *words: str) -> str:
        """A command of tmux's; gives what it says."""
        # No configuration of the user's: it may bind keys and draw a status line.
        command = ["tmux", "-f", "/dev/null", "-S", str(self._socket), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names."""
        self.tmux("send-keys", *names)

    def type(self, text: str) -> None:
        """Type text as it is."""
        self.tmux("send-keys", "-l", text)

    def click(self, column: int, line: int) -> None:
        """Press and release the left mouse button on a cell, counted from 0."""
        place = f"{column + 1};{line + 1}"
        self.type(f"\x1b[<0;{place}M\x1b[<0;{place}m")

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the left mouse button on a cell, and let it go on another."""
        first, last = (f"{column + 1};{line + 1}" for column, line in (start, end))
        self.type(f"\x1b[<0;{first}M\x1b[<32;{last}M\x1b[<0;{last}m")

    def wheel(self, column: int, line: int, *, up: bool) -> None:
        """Turn the wheel by a notch over a cell."""
        self.type(f"\x1b[<{64 if up else 65};{column + 1};{line + 1}M")

    def place_of(self, text: str) -> tuple[int, int]:
        """The column and line at which that text stands on the screen."""
        for line, row in enumerate(self.text().splitlines()):
            if text in row:
                return row.index(text), line
        pytest.fail(f"{text!r} is not on the screen\n{self.text()}")

    def resize(self, columns: int, lines: int) -> None:
        """Change the window's size."""
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def text(self) -> str:
        """What is on the screen now."""
        return self.tmux("capture-pane", "-p")

    def text_with_colours(self) -> str:
        """The same, with the escape sequences that show it so."""
        return self.tmux("capture-pane", "-p", "-e")

    def wait_for(self, *wanted: str) -> str:
        """Wait until all of `wanted` is on the screen; gives the screen."""
        return self.wait_until(lambda text: all(each in text for each in wanted), f"{wanted}")

    def wait_until(self, done: Callable[[str], bool], what: str) -> str:
        """Wait until `done` holds for the screen's text; gives the screen."""
        deadline = time.monotonic() + _PATIENCE
        while not done(text := self.text()):
            if time.monotonic() > deadline:
                pytest.fail(f"waited {_PATIENCE:.0f} s for {what}; the screen is\n{text}")
            time.sleep(0.03)
        return text

    def wait_program_ended(self) -> None:
        """Wait until the program in the window has ended."""
        self.wait_until(
            lambda _: self.tmux("list-panes", "-F", "#{pane_dead}").strip() == "1",
            "the program to end",
        )

    def close(self) -> None:
        """End the server and all in it."""
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], capture_output=True)


@pytest.fixture
def open_tmux(
    short_folder: Path, require_program: Callable[[str], str]
) -> Iterator[Callable[..., TmuxScreen]]:
    """A factory of tmux windows: `open_tmux(command, columns=100, lines=30)`."""
    require_program("tmux")
    made: list[TmuxScreen] = []

    def make(command: str, columns: int = 100, lines: int = 30) -> TmuxScreen:
        socket = short_folder / f"tmux-{len(made)}"
        made.append(TmuxScreen(socket, columns, lines, command))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def program(engine_settings: EngineSettings) -> str:
    """The command line of exectop, for a shell, with state, run folder and roots of the test's."""
    settings = engine_settings
    roots = " ".join(f"--root {root}" for root in settings.roots)
    where = f"EXECTOP_STATE_DIR={settings.state_dir} EXECTOP_RUN_DIR={settings.run_dir}"
    return f"env {where} EXECTOP_CONFIG={os.devnull} {PROGRAM} {roots}"


@pytest.fixture
def workplace(
    short_folder: Path, container_ids: Iterator[str], require_program: Callable[[str], str]
) -> Iterator[LaunchedContainer]:
    """A running container whose programs are the host's own: a real bash, vim, htop, less, tmux."""
    require_program("runc")
    name = next(container_ids)
    rootfs = short_folder / name / "rootfs"
    rootfs.mkdir(parents=True)
    build_host_rootfs(rootfs)
    plan = BundlePlan(rootfs=rootfs, hostname="workplace", mounts=(HOST_USR,))
    container = launch_container("runc", short_folder / "r-runc", name, rootfs.parent, plan)
    yield container
    container.delete()
    assert not what_is_left(container)
