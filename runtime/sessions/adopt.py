"""Attaching to sessions that other programs began: through their conmon, or by rescue.

Adopting means being one more client of podman's (or CRI-O's) conmon. Rescuing means taking the
session's terminal from whoever holds it (`runtime.sessions.rescue`).
"""

from __future__ import annotations

import contextlib
import functools
import os
from pathlib import Path

import msgspec

from runtime.errors import SessionStateError
from runtime.kernel.pidfd import open_pidfd, wait_readable
from runtime.model import AttachPlan, EventName, ProcessIdentity, SessionInfo, TerminalSize
from runtime.sessions.attachment import OutputSource
from runtime.sessions.borrowed_sizes import BorrowedSizes
from runtime.sessions.conmon_connections import ConmonConnections
from runtime.sessions.exit_codes import ExitFile, wait_exit_code_of
from runtime.sessions.foreign_attachment import ForeignAttachment
from runtime.sessions.holder import Holder, HolderKind
from runtime.sessions.inputs import Input, MasterInput, SocketInput
from runtime.sessions.keeper import Keeper
from runtime.sessions.live_output import LiveOutput
from runtime.sessions.rescue import read_terminal, take_terminal
from runtime.sessions.ways import Ways, plan_of, ways_into
from runtime.state.events import EventStore

# Seconds that a process may take to end after its streams have.
_LAST_MOMENTS = 2.0


class Adoption:
    """Attaches to foreign sessions. `keepers` is where the keepers' files are."""

    def __init__(self, events: EventStore, keepers: Path) -> None:
        self._events = events
        self._keepers = keepers
        self._sizes = BorrowedSizes()

    def plan(self, session: SessionInfo) -> AttachPlan:
        """What attaching to it would do, as things are now."""
        return plan_of(session, ways_into(session))

    def looked_at(self, session: SessionInfo) -> SessionInfo:
        """The session with what its streams allow at this moment."""
        plan = self.plan(session)
        actions = msgspec.structs.replace(
            session.actions, attach=plan.attach, write=plan.write, rescue=plan.rescue
        )
        return msgspec.structs.replace(session, actions=actions)

    def resized(self, session: SessionInfo, size: TerminalSize) -> None:
        """Its terminal was set to a size of ours, for as long as we look at it."""
        leader = ProcessIdentity(pid=session.pid, start_time=session.start_time)
        self._sizes.set(leader, size)

    async def attach(self, session: SessionInfo, *, rescue: bool = False) -> ForeignAttachment:
        """Attach to a running session; `rescue` takes its terminal, as `plan` tells.

        Raises SessionStateError, with the reason, where that is not possible, AccessDeniedError
        where the kernel does not allow it.
        """
        ways = ways_into(session)
        plan = plan_of(session, ways)
        holder = _require(session, ways, plan, rescue=rescue)
        with contextlib.ExitStack() as stack:
            leader = _open_leader(session, ways, stack)
            self._sizes.came(ways.leader)
            stack.callback(self._sizes.left, ways.leader)
            output, source, exit_file = await self._connect(ways, holder, leader, stack)
            if rescue:
                source = MasterInput(take_terminal(holder, ways.terminal, stack))
            elif not plan.write.possible:
                source = plan.write.reason
            attachment = ForeignAttachment(
                session,
                output,
                source,
                stack=stack.pop_all(),
                ended=functools.partial(_end_of, leader, exit_file),
                left=functools.partial(self._events.note, session, EventName.DETACH),
                remarks=_remarks(plan, rescue=rescue),
            )
        detail = "rescued" if rescue else ""
        await self._events.note(session, EventName.ATTACH, detail=detail)
        return attachment

    async def _connect(
        self,
        ways: Ways,
        holder: Holder,
        leader: int,
        stack: contextlib.ExitStack,
    ) -> tuple[OutputSource, Input | str, ExitFile | None]:
        if holder.kind is HolderKind.CONMON:
            exit_file = _exit_file(holder, stack)
            connections = ConmonConnections(holder, self._keeper(ways, holder))
            stack.callback(connections.close)
            output = LiveOutput(await connections.open(), connections.another)
            return output, SocketInput(lambda: connections.current), exit_file
        assert ways.terminal is not None
        master = take_terminal(holder, ways.terminal, stack)
        read = await read_terminal(holder, ways.terminal, master, leader, stack)
        return read, MasterInput(master), None

    def _keeper(self, ways: Ways, holder: Holder) -> Keeper | None:
        """Whoever keeps our connection open, where its end would be the end of all typing."""
        if holder.keeps_input or not ways.input_open:
            return None
        return Keeper(self._keepers, holder.process, holder.attach)


def _require(session: SessionInfo, ways: Ways, plan: AttachPlan, *, rescue: bool) -> Holder:
    action = plan.rescue if rescue else plan.attach
    if action.possible and ways.holder is not None:
        return ways.holder
    what = "rescued" if rescue else "attached to"
    raise SessionStateError(
        f"exec session {session.id[:24]} cannot be {what}: {action.reason}",
        hint=_hint(plan, rescue=rescue),
        session_id=session.id,
    )


def _hint(plan: AttachPlan, *, rescue: bool) -> str:
    if plan.rescue.possible and not rescue:
        return "; ".join(["exectop attach --rescue takes its terminal", *plan.rescue_does])
    if plan.attach.possible:
        return "attach to it without --rescue"
    return "exectop stop ends it"


def _remarks(plan: AttachPlan, *, rescue: bool) -> tuple[str, ...]:
    if rescue or plan.write.possible:
        return ()
    watching = f"You can only watch: {plan.write.reason}."
    if plan.rescue.possible:
        return watching, "With --rescue you type into its terminal all the same."
    return (watching,)


def _open_leader(session: SessionInfo, ways: Ways, stack: contextlib.ExitStack) -> int:
    leader = open_pidfd(ways.leader)
    if leader is None:
        raise SessionStateError(f"exec session {session.id[:24]} has ended", session_id=session.id)
    stack.callback(os.close, leader)
    return leader


def _exit_file(holder: Holder, stack: contextlib.ExitStack) -> ExitFile | None:
    try:
        return stack.enter_context(contextlib.closing(ExitFile(holder.exit_file)))
    except OSError:  # there is none, or it is not ours to see
        return None


async def _end_of(leader: int, exit_file: ExitFile | None) -> int | None:
    """The exit code; None also where only the monitor has ended."""
    if not await wait_readable(leader, _LAST_MOMENTS):
        return None
    return await wait_exit_code_of(leader, exit_file)
