"""What can be done to a session, and why not."""

from __future__ import annotations

import os

import msgspec

from runtime.model import Action, ExecState, SessionActions, SessionInfo

_NO_MONITOR = "its monitor is gone"
_ENDED = "it has ended"
# Their monitor is conmon, which serves any number of viewers.
_LET_ATTACH = ("podman", "cri-o")
# Nobody holds their streams but the terminal that they were begun in; or exectop does, elsewhere.
_WITHOUT_HOLDER = ("orphan", "nsenter", "exectop")


def actions_of(session: SessionInfo) -> SessionActions:
    """What can be done to a session just now."""
    return _of_recorded(session) if session.recorded else _of_foreign(session)


def with_actions(session: SessionInfo, **changes: object) -> SessionInfo:
    """The session with these fields, and with what can be done to it then."""
    changed: SessionInfo = msgspec.structs.replace(session, **changes)
    return msgspec.structs.replace(changed, actions=actions_of(changed))


def _of_recorded(session: SessionInfo) -> SessionActions:
    if session.state is ExecState.CREATED:
        no = Action(possible=False, reason="it has not been started")
        return SessionActions(attach=no, write=no, resize=no, stop=no)
    if session.state is ExecState.STOPPED:
        no = Action(possible=False, reason=_NO_MONITOR if session.orphaned else _ENDED)
        end = Action() if session.orphaned else no
        lives = Action(possible=False, reason="its process lives on: stop it first")
        remove = lives if session.orphaned else Action()
        return SessionActions(attach=no, write=no, resize=no, stop=end, remove=remove)
    running = Action(possible=False, reason="it is running: stop it first")
    stranger = Action() if session.origin == "exectop" else _cannot(session)
    return SessionActions(attach=stranger, write=stranger, resize=_resize(session), remove=running)


def _of_foreign(session: SessionInfo) -> SessionActions:
    attach = _attach(session)
    return SessionActions(
        attach=attach,
        write=attach,
        rescue=_rescue(session),
        resize=_resize(session),
        stop=_stop(session),
        remove=Action(possible=False, reason=f"exectop has no record of it: {_leaves(session)}"),
    )


def _leaves(session: SessionInfo) -> str:
    """When it is listed no more."""
    if session.pid:
        return "it leaves the list when its processes have ended"
    return "it leaves the list when its engine knows that it has ended (exectop prune)"


def _attach(session: SessionInfo) -> Action:
    """Whether one can attach to it: conmon lets anybody, others nobody."""
    if session.origin not in _LET_ATTACH or not session.monitor_alive:
        return _cannot(session)
    return _stop(session)


def _rescue(session: SessionInfo) -> Action:
    """Whether its terminal can be taken from whoever holds it."""
    if not session.tty:
        return Action(possible=False, reason="it has no terminal")
    if session.origin in _WITHOUT_HOLDER or not session.monitor_alive:
        return _cannot(session)
    return _stop(session)


def _cannot(session: SessionInfo) -> Action:
    """Why one cannot attach to it, nor write."""
    if session.origin == "exectop":
        reason = "it is recorded elsewhere: use the state folder or the user that began it"
    elif session.origin == "orphan":
        reason = "the session that began it has ended, and its streams with it"
    elif session.origin == "nsenter":
        reason = "it is in the terminal of whoever entered the container"
    elif not session.monitor_alive:
        reason = "its monitor is gone, and its streams with it"
    else:
        reason = f"{session.origin} keeps its streams to itself"
    return Action(possible=False, reason=reason)


def _resize(session: SessionInfo) -> Action:
    if not session.tty:
        return Action(possible=False, reason="it has no terminal")
    return _stop(session)


def _stop(session: SessionInfo) -> Action:
    if session.state is ExecState.STOPPED:
        return Action(possible=False, reason=_ENDED)
    if os.geteuid() not in (0, session.owner):
        return Action(possible=False, reason="it is another user's")
    return Action()
