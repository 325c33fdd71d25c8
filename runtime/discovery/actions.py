"""What can be done to a session, and why not."""

from __future__ import annotations

import os

from runtime.model import Action, ExecState, SessionActions, SessionInfo

_NO_MONITOR = "its monitor is gone"
_ENDED = "it has ended"


def actions_of(session: SessionInfo) -> SessionActions:
    """What can be done to a session just now."""
    return _of_recorded(session) if session.recorded else _of_foreign(session)


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
    stranger = _cannot(session)
    return SessionActions(
        attach=stranger,
        write=stranger,
        resize=_resize(session),
        stop=_stop(session),
        remove=Action(
            possible=False,
            reason="exectop has no record of it: it leaves the list when its processes have ended",
        ),
    )


def _cannot(session: SessionInfo) -> Action:
    """Why one cannot attach to it, nor write."""
    reason = f"{session.origin} began it: its streams belong to the program that did"
    if session.origin == "orphan":
        reason = "the session that began it has ended, and its streams with it"
    elif session.origin == "exectop":
        reason = "it is recorded elsewhere: use the state folder or the user that began it"
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
