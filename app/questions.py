"""The questions that are asked before something that cannot be taken back."""

from __future__ import annotations

from app.screens.confirm import ConfirmScreen
from app.summary import count
from runtime.model import ExecState, SessionInfo
from widgets.wording import command_line, short_id


def removal_question(session: SessionInfo) -> ConfirmScreen:
    """Remove a session? For a running one it says that this kills."""
    what = (
        f"session    {short_id(session.id)}\n"
        f"container  {session.container_name}\n"
        f"command    {command_line(session.command)}\n\n"
    )
    if session.state is ExecState.RUNNING:
        warning = "It is still running: its processes are killed first."
        return ConfirmScreen(
            "remove a running session?", what + warning, "kill and remove", danger=True
        )
    return ConfirmScreen("remove this session?", what + "It is not running.", "remove")


def quit_question(attached: int) -> ConfirmScreen:
    """Leave while terminals are attached?"""
    verb = "is" if attached == 1 else "are"
    return ConfirmScreen(
        "quit exectop?",
        f"{count(attached, 'terminal')} {verb} attached. Their sessions go on without you.",
        "quit",
    )
