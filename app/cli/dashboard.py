"""exectop alone: the dashboard."""

from __future__ import annotations

import os

from app.settings import Settings
from runtime.errors import InvalidArgumentError


def open_dashboard(settings: Settings, theme: str | None = None) -> int:
    """Open the dashboard, stay until it is left, and give the exit code."""
    if not all(map(os.isatty, range(3))):  # Textual draws on standard error
        raise InvalidArgumentError(
            "the dashboard needs a terminal",
            hint="without one, use `exectop ps`, `exectop ls`, `exectop exec …` (exectop --help)",
        )
    # Exported (as people do for docker exec), they would hide the window's real size from us.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    from app.dashboard import run_dashboard

    return run_dashboard(
        settings.engine, theme=theme or settings.theme, terminals=settings.terminals
    )
