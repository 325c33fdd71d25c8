"""Fuzzing of the terminal emulator with atheris, which pytest does not collect.

    python -m pip install atheris
    python -m tests.fuzz.terminal [-max_total_time=SECONDS] [CORPUS]

Without a corpus it begins with the recordings of real programs. It looks for bytes that raise an
exception, leave a row with too few or too many cells, or show something else when they are cut in
another way or restored from a snapshot.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
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
    arguments = list(sys.argv)
    made = None
    if all(argument.startswith("-") for argument in arguments[1:]):
        made = tempfile.mkdtemp(prefix="fuzz-")
        corpus_of_recordings(Path(made))
        arguments.append(made)
    try:
        atheris.Setup(arguments, try_bytes)
        atheris.Fuzz()
    finally:
        if made is not None:
            shutil.rmtree(made)


if __name__ == "__main__":
    main()
