"""The headline: how many containers there are, in which state, and how many sessions."""

from __future__ import annotations

from collections import Counter

from runtime.model import ContainerState, Overview
from widgets.status_line import Part
from widgets.wording import CONTAINER_SYMBOLS

_LOOKS = {
    ContainerState.RUNNING: "good",
    ContainerState.PAUSED: "warn",
    ContainerState.CREATED: "info",
    ContainerState.STOPPED: "muted",
}


def headline_parts(overview: Overview | None) -> tuple[Part, ...]:
    """Counts by state, and the first problem where something could not be read."""
    parts: list[Part] = [(" exectop ", "brand"), ("  ", "")]
    if overview is None:
        return (*parts, ("starting …", "muted"))
    counts = Counter(container.state for container in overview.containers)
    for state, look in _LOOKS.items():
        if counts[state]:
            parts.append((f"{CONTAINER_SYMBOLS[state]} {counts[state]} {state.value}  ", look))
    running = sum(session.has_process for session in overview.sessions)
    parts.append((f"{count(running, 'session')} running", "strong" if running else "muted"))
    if overview.problems:
        parts.append((f"   ! {overview.problems[0]}", "warn"))
    return tuple(parts)


def count(number: int, noun: str) -> str:
    """A number and its noun: "1 session", "2 sessions", "no session"."""
    if number == 0:
        return f"no {noun}"
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
