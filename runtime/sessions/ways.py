"""The ways into a session that another program began, as they are at this moment."""

from __future__ import annotations

import msgspec

from runtime.errors import AccessDeniedError
from runtime.kernel.epoll_entries import epoll_entries
from runtime.kernel.tty_master import Terminal, masters_of, terminal_of
from runtime.model import Action, AttachPlan, ExecState, ProcessIdentity, SessionInfo
from runtime.sessions.holder import Holder, HolderKind, holder_of, input_is_open

_TYPES = "Input and size go straight to its terminal."
_WHOLE = (
    "While you are attached its output comes to you alone: a client that it may have sees nothing "
    "until you leave. What was printed before does not come back."
)
_PARTLY = (
    "Its output is incomplete: whoever comes first reads what it prints, you, {program} or another "
    "who rescues it. What was printed before does not come back."
)
_SHARED = "Its output goes to all that are attached. What was printed before does not come back."


class Ways(msgspec.Struct, frozen=True):
    """A session's first process, its terminal, and who holds its streams.

    `input_open` tells whether conmon takes input for it; it counts as open where that is not to
    be seen, for then nobody may end it.
    """

    leader: ProcessIdentity
    terminal: Terminal | None
    holder: Holder | None
    input_open: bool


def ways_into(session: SessionInfo) -> Ways:
    """Look at the session's processes; what may not be seen is no error here."""
    leader = ProcessIdentity(pid=session.pid, start_time=session.start_time)
    terminal, holder = terminal_of(leader), holder_of(leader)
    if holder is None or holder.kind is not HolderKind.CONMON:
        return Ways(leader, terminal, holder, input_open=False)
    try:
        return Ways(leader, terminal, holder, input_is_open(holder, terminal))
    except AccessDeniedError:
        return Ways(leader, terminal, holder, input_open=True)


def plan_of(session: SessionInfo, ways: Ways) -> AttachPlan:
    """What attaching would do, and rescuing."""
    holder = ways.holder
    if session.state is ExecState.STOPPED:
        return _nothing("it has ended")
    if session.origin == "exectop":
        # Another viewer's window sizes would be missing in what is replayed there.
        return _nothing("it is recorded elsewhere: use the state folder or the user that began it")
    if holder is None:
        return _nothing(_why_nobody_holds_it(session))
    rescue, does = _rescue(session, ways, holder)
    if holder.kind is HolderKind.CONMON:
        return AttachPlan(write=_write(session, ways, holder), rescue=rescue, rescue_does=does)
    kept = Action(possible=False, reason=f"{session.origin} keeps its streams to itself")
    return AttachPlan(attach=kept, write=kept, rescue=rescue, rescue_does=does)


def _nothing(reason: str) -> AttachPlan:
    no = Action(possible=False, reason=reason)
    return AttachPlan(attach=no, write=no, rescue=no)


def _why_nobody_holds_it(session: SessionInfo) -> str:
    if session.origin == "orphan":
        return "the session that began it has ended, and its streams with it"
    if session.origin == "nsenter":
        return "it is in the terminal of whoever entered the container"
    return "its monitor is gone, and its streams with it"


def _write(session: SessionInfo, ways: Ways, holder: Holder) -> Action:
    if not (session.tty or holder.takes_input):
        return Action(possible=False, reason="it was begun without input")
    if not ways.input_open:
        return Action(possible=False, reason="its input was closed when a client left")
    return Action()


def _rescue(session: SessionInfo, ways: Ways, holder: Holder) -> tuple[Action, list[str]]:
    if ways.terminal is None:
        why = "it has closed its terminal" if session.tty else "it has no terminal"
        return Action(possible=False, reason=why), []
    try:
        masters = masters_of(holder.process, ways.terminal)
    except AccessDeniedError as error:
        return Action(possible=False, reason=error.message), []
    if not masters:
        why = f"{holder.program} does not hold its terminal (any more)"
        return Action(possible=False, reason=why), []
    if holder.kind is HolderKind.CONMON:
        return Action(), [_TYPES, _SHARED]
    waited_for = any(epoll_entries(holder.process, number) for number in masters)
    return Action(), [_TYPES, _WHOLE if waited_for else _PARTLY.format(program=holder.program)]
