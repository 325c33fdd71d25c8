"""What one sees on the terminal screen."""

from __future__ import annotations

from app.dashboard import ExecTop
from app.screens.pane import Pane
from widgets.terminal import TerminalView

DETACH = ("ctrl+p", "ctrl+q")
PREFIX = "ctrl+right_square_bracket"


def active_view(app: ExecTop) -> TerminalView:
    """The terminal that has the keys. Raises LookupError without one."""
    pane = app.terminals.screen.pane
    if pane is None:
        raise LookupError("no terminal is open")
    return pane.view


def screen_text(app: ExecTop) -> str:
    """What the terminal shows that has the keys."""
    rows = active_view(app).terminal.rows()
    return "\n".join("".join(row).rstrip() for row in rows).rstrip()


def head(app: ExecTop) -> str:
    """What the line above the terminals says."""
    return app.terminals.screen.bar.text


def pane_head(pane: Pane) -> str:
    """What the line above one of several terminals says."""
    return pane.head.text if pane.head.display else ""


def toasts(app: ExecTop) -> list[str]:
    """What the toasts say."""
    return [toast.message for toast in app._notifications]
