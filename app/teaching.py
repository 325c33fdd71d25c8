"""What stands in place of an empty table: why it is empty, and what to do about it."""

from __future__ import annotations

from runtime.model import Overview


def teaching(overview: Overview, filter_text: str, places: str) -> dict[str, tuple[str, ...]]:
    """The lines for the tables of containers and of sessions, should they be empty."""
    if filter_text:
        return {
            name: (f"nothing among the {name} contains “{filter_text}”", "esc shows all")
            for name in ("containers", "sessions")
        }
    containers = (
        "no container found",
        f"looked in {places}",
        *overview.problems,
        "",
        "exectop demo  starts a small one to try things with",
        "exectop --root DIR  looks in another place",
    )
    keys = (
        "s  opens a shell in the selected container",
        "e  runs any command there",
    )
    return {
        "containers": containers,
        "sessions": ("no exec session", *(keys if overview.containers else ("", ""))),
    }
