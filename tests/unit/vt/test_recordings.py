"""Recorded output of real programs, replayed.

Each recording is what a program wrote on a terminal of 80 by 24 that called itself xterm-256color;
beside it lies what the screen must show in the end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from widgets.vt import Terminal
from widgets.vt.snapshot import snapshot

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.bytes"))


def shown(terminal: Terminal) -> str:
    return "".join("".join(row).rstrip() + "\n" for row in terminal.rows())


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_a_program_is_shown_as_it_meant(recording: Path, size: int) -> None:
    data = recording.read_bytes()
    terminal = Terminal(80, 24)
    for start in range(0, len(data), size):
        terminal.feed(data[start : start + size])
    assert shown(terminal) == recording.with_suffix(".txt").read_text("utf-8")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_a_program_is_restored_at_any_moment(recording: Path) -> None:
    data = recording.read_bytes()
    for end in range(0, len(data), max(1, len(data) // 20)):
        terminal = Terminal(80, 24)
        terminal.feed(data[:end])
        again = Terminal(80, 24)
        again.feed(snapshot(terminal))
        assert shown(again) == shown(terminal)
        assert again.cursor == terminal.cursor
        assert again.modes == terminal.modes


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_a_program_survives_any_size(recording: Path) -> None:
    data = recording.read_bytes()
    terminal = Terminal(80, 24)
    for index, start in enumerate(range(0, len(data), 100)):
        terminal.feed(data[start : start + 100])
        terminal.resize(20 + index * 7 % 90, 3 + index * 5 % 40)
        assert {len(row) for row in terminal.rows()} == {terminal.columns}


def test_the_known_programs_use_nothing_unknown() -> None:
    for recording in RECORDINGS:
        terminal = Terminal(80, 24)
        terminal.feed(recording.read_bytes())
        # vim tries a sequence and a string of its own making to see what a terminal does with them.
        assert terminal.unknown == (2 if recording.stem == "vim" else 0)
