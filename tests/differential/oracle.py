"""xterm.js without a window, as a second opinion on what bytes make a terminal show.

`make test` installs it beside the environment, in the versions of `package.json` here.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / ".venv" / "xterm"

Step = bytes | tuple[int, int]
"""Output to show, or a size (columns, lines) to change to."""


class Oracle:
    """One node process that answers any number of questions."""

    def __init__(self, node: str, modules: Path = MODULES) -> None:
        self._process = subprocess.Popen(
            [node, str(HERE / "oracle.mjs"), str(modules)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(
        self, columns: int, lines: int, steps: Sequence[Step], scrollback: int = 1000
    ) -> dict[str, Any]:
        """What is shown after the steps, as `shown.decoded` reads it."""
        request = {
            "columns": columns,
            "lines": lines,
            "scrollback": scrollback,
            "steps": [_encoded(step) for step in steps],
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def _encoded(step: Step) -> dict[str, Any]:
    if isinstance(step, bytes):
        return {"feed": base64.b64encode(step).decode()}
    return {"resize": list(step)}


def find_node() -> str | None:
    """The node to run it with: the one in the environment, or the system's."""
    beside = Path(sys.executable).parent / "node"
    return str(beside) if beside.exists() else shutil.which("node")


def is_installed(modules: Path = MODULES) -> bool:
    """Whether the packages are where `make test` puts them."""
    return (modules / "node_modules" / "@xterm" / "headless").is_dir()
