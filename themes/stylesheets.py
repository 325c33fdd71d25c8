"""Where the stylesheets of the dashboard are."""

from __future__ import annotations

from pathlib import Path


def stylesheet_paths() -> list[str]:
    """The paths of all stylesheets, in the order they are to be read in."""
    folder = Path(__file__).parent / "styles"
    return [str(path) for path in sorted(folder.glob("*.tcss"))]
