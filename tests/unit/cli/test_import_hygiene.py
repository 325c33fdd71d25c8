"""The headless commands load no screen library; only the dashboard does."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from app.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
unwanted = sorted({name.partition(".")[0] for name in sys.modules} & {"textual", "rich", "pyte"})
print("loaded:", unwanted, "code:", code)
"""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--help"], 0),
        (["ps"], 0),
        (["ls", "--format", "json"], 0),
        (["exec", "no-such-container", "true"], 125),
        (["inspect", "0000"], 125),
        (["stop", "0000"], 125),
        (["events", "--format", "json"], 0),
        (["rm", "0000"], 125),
        (["demo", "--stop"], 0),
    ],
)
def test_headless_commands_load_no_textual(words: list[str], code: int, tmp_path: object) -> None:
    folders = ["--state-dir", f"{tmp_path}/state", "--run-dir", f"{tmp_path}/run"]
    places = [*folders, "--config", "/dev/null", "--root", f"{tmp_path}/root"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *places, *words], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == f"loaded: [] code: {code}", done.stderr
