"""Which sessions are stuck: a table of rules over what is known of a session at one moment.

Pure: nothing is read here. docs/discovery.md states each rule with its source and its certainty.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from runtime.discovery.docker_clients import ClientFate
from runtime.model import Certainty, ExecState, Mending, Remedy, SessionInfo, Stuck, StuckReason

# From the surest to the least sure.
_ORDER = (Certainty.CERTAIN, Certainty.LIKELY, Certainty.UNKNOWN)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a session beyond its line in the list.

    `leader_state` and `monitor_state` are proc(5)'s letters, "" where there is no such process;
    `frozen` where the leader's cgroup is. `busy` tells of a process of the session that runs or
    waits for the disk. `terminal_gone` where a process has a terminal open whose other end is
    closed.

    Of a session without a process: `asleep` is how many seconds its monitor goes on sleeping, 0
    where it does not. `stale` tells that nobody will correct its engine's record of it, and whether
    the pid in that is `reused`. `mendable` where there is a way to let its engine know.
    """

    leader_state: str = ""
    monitor_state: str = ""
    frozen: bool = False
    busy: bool = False
    client: ClientFate = ClientFate.UNKNOWN
    terminal_gone: bool = False
    asleep: float = 0.0
    stale: bool = False
    reused: bool = False
    mendable: bool = False


class Unreported(msgspec.Struct, frozen=True):
    """A session without a process, of whose end its engine is yet to be told, and how it can be."""

    session: SessionInfo
    facts: Facts
    mending: Mending


Rule = Callable[[SessionInfo, Facts, float], Stuck | None]


def judge(session: SessionInfo, facts: Facts, idle_limit: float = 0.0) -> list[Stuck]:
    """All that is the matter with a session; `idle_limit` is in seconds, 0 for none.

    Nothing is surer than that the process is a session of that origin at all.
    """
    found = (rule(session, facts, idle_limit) for rule in RULES)
    return [
        msgspec.structs.replace(each, certainty=_weaker(each.certainty, session.certainty))
        for each in found
        if each is not None
    ]


def _client_gone(session: SessionInfo, facts: Facts, _: float) -> Stuck | None:
    if session.state is not ExecState.RUNNING or session.attached or session.orphaned:
        return None
    if facts.client is ClientFate.GONE:
        said = f"the client that it was begun with is gone, {_way_back(session)}"
        return _stuck(StuckReason.CLIENT_GONE, Remedy.STOP, Certainty.CERTAIN, said)
    if facts.client is ClientFate.LEFT:
        said = "somebody who was attached to it is gone, who may only have visited it"
        return _stuck(StuckReason.CLIENT_GONE, Remedy.STOP, Certainty.LIKELY, said)
    if facts.client is ClientFate.CUT_OFF:
        said = "nobody holds the other ends of its streams; it may be meant to go on alone"
        return _stuck(StuckReason.CLIENT_GONE, Remedy.STOP, Certainty.LIKELY, said)
    if facts.client is ClientFate.HIDDEN:
        said = "no client of it is seen, but a program is connected to its engine that may be one"
        return _stuck(StuckReason.CLIENT_GONE, Remedy.STOP, Certainty.UNKNOWN, said)
    return None


def _way_back(session: SessionInfo) -> str:
    """What is left to whoever comes back: conmon let anybody attach, but has closed the input."""
    rescue, attach = session.actions.rescue.possible, session.actions.attach.possible
    if rescue and attach:
        return "and only `exectop attach --rescue` can type into it"
    if rescue:
        return "and only `exectop attach --rescue` can come back to it"
    if attach:
        return "and its input is closed: whoever comes back only sees what it prints"
    return "and nobody can come back to it"


def _monitor_died(session: SessionInfo, _: Facts, __: float) -> Stuck | None:
    if not session.orphaned:
        return None
    said = "its monitor died: its exit code is lost, and nobody can attach to it"
    return _stuck(StuckReason.MONITOR_DIED, Remedy.STOP, Certainty.CERTAIN, said)


def _exit_not_recorded(session: SessionInfo, _: Facts, __: float) -> Stuck | None:
    lost = session.exit_code is None and session.started is not None and not session.pid
    if not session.recorded or session.state is not ExecState.STOPPED or not lost:
        return None
    said = "it has ended, and its exit code was never recorded"
    return _stuck(StuckReason.EXIT_NOT_RECORDED, Remedy.REMOVE, Certainty.CERTAIN, said)


def _zombie(_: SessionInfo, facts: Facts, __: float) -> Stuck | None:
    if facts.leader_state != "Z":
        return None
    if facts.monitor_state == "T":
        said = "its process has ended, and its monitor is suspended and takes no notice"
        return _stuck(StuckReason.ZOMBIE, Remedy.RESUME_MONITOR, Certainty.CERTAIN, said)
    # Every process is a zombie for a moment, until its monitor has been told.
    said = "its process has ended, and its monitor has not taken notice"
    return _stuck(StuckReason.ZOMBIE, Remedy.WAIT, Certainty.LIKELY, said)


def _suspended(session: SessionInfo, facts: Facts, _: float) -> Stuck | None:
    if facts.leader_state != "T":
        return None
    watched = session.attached > 0 or facts.client is ClientFate.PRESENT
    said = "its first process is suspended (SIGSTOP)"
    if watched:
        said += ", but somebody is attached, who may let it go on"
    certainty = Certainty.LIKELY if watched else Certainty.CERTAIN
    return _stuck(StuckReason.SUSPENDED, Remedy.STOP, certainty, said)


def _uninterruptible(_: SessionInfo, facts: Facts, __: float) -> Stuck | None:
    if facts.leader_state != "D" or facts.frozen:
        return None
    # Whatever reads from a disk is in this state now and then.
    said = "its first process is in uninterruptible sleep: no signal ends it before that is over"
    return _stuck(StuckReason.UNINTERRUPTIBLE, Remedy.WAIT, Certainty.LIKELY, said)


def _idle(session: SessionInfo, facts: Facts, limit: float) -> Stuck | None:
    idle = session.idle is not None and session.idle >= limit > 0
    if not idle or session.state is not ExecState.RUNNING:
        return None
    said = f"nothing was typed or printed on its terminal for {session.idle:.0f} s"
    if facts.busy:
        said += ", but it is at work"
    certainty = Certainty.LIKELY if facts.busy else Certainty.CERTAIN
    return _stuck(StuckReason.IDLE, Remedy.STOP, certainty, said)


def _terminal_gone(_: SessionInfo, facts: Facts, __: float) -> Stuck | None:
    if not facts.terminal_gone:
        return None
    said = "its session has ended, and it holds a terminal that nobody can see any more"
    return _stuck(StuckReason.TERMINAL_GONE, Remedy.STOP, Certainty.CERTAIN, said)


def _exit_delay(_: SessionInfo, facts: Facts, __: float) -> Stuck | None:
    if not facts.asleep:
        return None
    said = f"it has ended, and its conmon tells its engine so in {facts.asleep:.0f} s only"
    remedy = Remedy.END_DELAY if facts.mendable else Remedy.WAIT
    return _stuck(StuckReason.EXIT_DELAY, remedy, Certainty.CERTAIN, said)


def _stale_record(_: SessionInfo, facts: Facts, __: float) -> Stuck | None:
    if not facts.stale:
        return None
    said = "its engine has it for running, but its process is gone, and so is its monitor"
    if facts.reused:
        said = "its engine has it for running, and takes another process with its pid for its own"
    remedy = Remedy.MEND_RECORD if facts.mendable else Remedy.WAIT
    return _stuck(StuckReason.STALE_RECORD, remedy, Certainty.CERTAIN, said)


RULES: tuple[Rule, ...] = (
    _monitor_died,
    _client_gone,
    _terminal_gone,
    _zombie,
    _suspended,
    _uninterruptible,
    _exit_not_recorded,
    _exit_delay,
    _stale_record,
    _idle,
)


def _stuck(reason: StuckReason, remedy: Remedy, certainty: Certainty, detail: str) -> Stuck:
    return Stuck(reason=reason, remedy=remedy, certainty=certainty, detail=detail)


def _weaker(one: Certainty, other: Certainty) -> Certainty:
    return max(one, other, key=_ORDER.index)
