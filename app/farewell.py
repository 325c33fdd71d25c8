"""What is printed when the dashboard was left."""

from __future__ import annotations

from app.summary import count
from runtime.model import ExecState, Overview


def farewell(overview: Overview | None) -> str:
    """How many sessions go on and how to come back; nothing when there are none."""
    sessions = overview.sessions if overview else []
    running = [session for session in sessions if session.state is ExecState.RUNNING]
    if not running:
        return ""
    goes = "goes" if len(running) == 1 else "go"
    example = running[0].id[:12] if len(running) == 1 else "ID"
    return (
        f"{count(len(running), 'session')} {goes} on; "
        f"come back with `exectop` or `exectop attach {example}`"
    )
