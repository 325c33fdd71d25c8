"""The questions that are asked before something is done, and how one is put."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from textual.app import App
from textual.screen import ModalScreen

from app.screens.confirm import ConfirmScreen
from app.summary import count
from runtime.model import SessionInfo
from widgets.wording import command_line, printable, short_id

LINES, LINE = 8, 66

Answer = TypeVar("Answer")


async def ask(
    app: App[Any],
    question: ModalScreen[Answer],
    answered: Callable[[Answer | None], None] | Callable[[Answer | None], Awaitable[None]],
) -> None:
    """Put a question, unless one of its kind is open: a key held down comes faster than it does."""
    if all(each.id != question.id for each in app.screen_stack):
        await app.push_screen(question, answered)


def removal_question(session: SessionInfo) -> ConfirmScreen:
    """Remove a session? For a running one it says that this kills."""
    what = (
        f"session    {short_id(session.id)}\n"
        f"container  {printable(session.container_name)}\n"
        f"command    {command_line(session.command)}\n\n"
    )
    if session.has_process:
        warning = "It is still running: its processes are killed first."
        return ConfirmScreen(
            "remove a running session?", what + warning, "kill and remove", danger=True
        )
    return ConfirmScreen("remove this session?", what + "It is not running.", "remove")


def rescue_question(session: SessionInfo) -> ConfirmScreen:
    """Take the terminal of a session that its engine lets nobody come back to?"""
    what = (
        f"session  {short_id(session.id)}\n"
        f"command  {command_line(session.command)}\n\n"
        f"{session.origin} keeps its streams to itself, but its terminal can be taken.\n"
        "Input and size are whole. While you are attached its output comes\n"
        "to you alone: a client that it may have sees nothing until you\n"
        "leave. What was printed before does not come back."
    )
    return ConfirmScreen("rescue this session?", what, "take its terminal")


def paste_question(text: str, terminals: int) -> ConfirmScreen:
    """Paste lines into a program that runs each of them at once?"""
    lines = text.splitlines()
    shown = [f"  {printable(line)[:LINE]}" for line in lines[:LINES]]
    if len(lines) > LINES:
        shown.append(f"  … and {len(lines) - LINES} more")
    where = "the program" if terminals == 1 else f"{terminals} programs"
    what = (
        f"{where.capitalize()} cannot tell a paste from typing:\n"
        "each line is taken as if enter was pressed after it.\n\n"
    )
    title = f"paste {count(len(lines), 'line')}?"
    return ConfirmScreen(title, what + "\n".join(shown), "paste", danger=True)


def quit_question(attached: int, stopping: int) -> ConfirmScreen | None:
    """Leave while terminals are attached or stops are under way? None: nothing to ask."""
    reasons = []
    if attached:
        reasons.append(
            f"{count(attached, 'terminal')} attached: sessions go on when you have left."
        )
    if stopping:
        reasons.append(f"{count(stopping, 'stop')} under way: KILL will not be sent any more.")
    return ConfirmScreen("quit exectop?", "\n".join(reasons), "quit") if reasons else None
