"""Fuzzing of the terminal emulator with atheris, which pytest does not collect.

    python -m pip install atheris
    python -m tests.fuzz.terminal FOLDER [-max_total_time=SECONDS]

The folder collects the inputs that lead somewhere new; an empty one is given the recordings of real
programs to begin with. It looks for bytes that raise an
exception, leave a row with too few or too many cells, or show something else when they are cut in
another way or restored from a snapshot.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["widgets.vt"]):
    from widgets.vt import Terminal
    from widgets.vt.snapshot import snapshot

from tests.property.vt.streams import check_whole, same

RECORDINGS = Path(__file__).parents[1] / "differential" / "recordings"
HEAD = 6
"""Bytes at the beginning that say how big the terminal is and how the rest is cut."""


def try_bytes(data: bytes) -> None:
    """Feed one input in several ways."""
    head, body = data[:HEAD].ljust(HEAD, b"\1"), data[HEAD:]
    size = head[0] % 100 + 1, head[1] % 40 + 1
    whole = Terminal(*size, scrollback=100)
    whole.feed(body)
    check_whole(whole)
    pieces = Terminal(*size, scrollback=100)
    step = head[2] % 64 + 1
    for start in range(0, len(body), step):
        pieces.feed(body[start : start + step])
    same(whole, pieces)
    restored = Terminal(*size, scrollback=100)
    restored.feed(snapshot(whole))
    same(whole, restored)
    whole.resize(head[3] % 100 + 1, head[4] % 40 + 1)
    check_whole(whole)
    whole.feed(body)
    check_whole(whole)


def corpus_of_recordings(folder: Path) -> None:
    """Write the recordings as inputs, in pieces that are quick to try."""
    for recording in RECORDINGS.glob("*.bytes"):
        data = recording.read_bytes()
        for number, start in enumerate(range(0, len(data), 1500)):
            head = bytes([79, 23, 7, 39, 11, 0])
            name = f"{recording.stem}-{number}"
            (folder / name).write_bytes(head + data[start : start + 1500])


def main() -> None:
    """Fuzz until something is found, or for as long as libFuzzer's options say."""
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    if not folders:
        sys.exit("give a folder for the inputs")
    folders[0].mkdir(exist_ok=True)
    if not any(folders[0].iterdir()):
        corpus_of_recordings(folders[0])
    atheris.Setup(sys.argv, try_bytes)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
