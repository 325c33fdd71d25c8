"""What real programs wrote to a terminal, replayed: see `record`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.accepted import SCREENS
from tests.differential.oracle import Oracle
from tests.differential.picture import picture, read
from tests.differential.shown import decoded, differences, ours
from widgets.vt import Terminal
from widgets.vt.snapshot import snapshot

COLUMNS, LINES = 80, 24
RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.bytes"))

UNKNOWN = {
    # vim tries a sequence and a string of its own making to see what a terminal does with them.
    "vim": {"DCS z": 1, "CSI 0%m": 1},
    # A mode of mintty's.
    "tmux": {"CSI ? 7727 h": 2, "CSI ? 7727 l": 1},
}

each_recording = pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)


def screens(recording: Path) -> list[tuple[int, str]]:
    return read(recording.with_suffix(".screens").read_text("utf-8"))


@each_recording
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_each_step_shows_what_was_looked_at(recording: Path, size: int) -> None:
    data = recording.read_bytes()
    terminal = Terminal(COLUMNS, LINES)
    fed = 0
    for offset, expected in screens(recording):
        for start in range(fed, offset, size):
            terminal.feed(data[start : min(start + size, offset)])
        fed = offset
        assert picture(terminal) == expected


@each_recording
def test_each_step_shows_what_xterm_js_shows(oracle: Oracle, recording: Path) -> None:
    data = recording.read_bytes()
    terminal = Terminal(COLUMNS, LINES)
    fed = 0
    for step, (offset, _) in enumerate(screens(recording)):
        terminal.feed(data[fed:offset])
        fed = offset
        theirs = decoded(oracle.ask(COLUMNS, LINES, [data[:offset]], scrollback=10_000))
        found = list(differences(ours(terminal), theirs))
        assert bool(found) == ((recording.stem, step) in SCREENS), found


@each_recording
def test_a_program_is_restored_at_any_moment(recording: Path) -> None:
    data = recording.read_bytes()
    for end in range(0, len(data), max(1, len(data) // 20)):
        terminal = Terminal(COLUMNS, LINES)
        terminal.feed(data[:end])
        again = Terminal(COLUMNS, LINES)
        again.feed(snapshot(terminal))
        for row in range(LINES):
            assert again.line(row) == terminal.line(row)
        assert again.cursor == terminal.cursor
        assert again.modes == terminal.modes


@each_recording
def test_a_program_survives_any_size(recording: Path) -> None:
    data = recording.read_bytes()
    terminal = Terminal(COLUMNS, LINES)
    for index, start in enumerate(range(0, len(data), 100)):
        terminal.feed(data[start : start + 100])
        terminal.resize(20 + index * 7 % 90, 3 + index * 5 % 40)
        assert {len(row) for row in terminal.rows()} == {terminal.columns}


@each_recording
def test_a_known_program_uses_nothing_unknown(recording: Path) -> None:
    terminal = Terminal(COLUMNS, LINES)
    terminal.feed(recording.read_bytes())
    assert terminal.unknown_sequences == UNKNOWN.get(recording.stem.partition("-")[0], {})


def test_tmux_looks_the_same_with_margins_and_without() -> None:
    """With them it scrolls a pane, without them it writes all of its rows again."""
    one, other = (
        [rows_without_clock(text) for _, text in screens(path)]
        for path in RECORDINGS
        if path.stem in {"tmux", "tmux-no-margins"}
    )
    assert one == other


def rows_without_clock(text: str) -> list[str]:
    return [line for line in text.splitlines() if '"demo"' not in line and line[:5] != "modes"]
