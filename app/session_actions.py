"""Ends and removes sessions, as the keys of the lists want it."""

from __future__ import annotations

from app.attachment import Send
from app.commands import Cleanup, Remove, Stop
from app.stops import Stops
from app.toasts import Toasts
from runtime.model import SessionInfo
from widgets.wording import short_id


class SessionActions:
    """Stop, remove and clean up."""

    def __init__(self, send: Send, toasts: Toasts, stops: Stops, stop_timeout: float) -> None:
        self._send = send
        self._toasts = toasts
        self._stops = stops
        self._stop_timeout = stop_timeout

    def stop(self, session: SessionInfo) -> None:
        """TERM and a countdown; asked again meanwhile, there is no more waiting."""
        if not session.has_process:
            self._toasts.warning(f"session {short_id(session.id)} is not running")
        elif session.id in self._stops.steps:
            self._send(Stop((session.id,), 0))
        else:
            self._send(Stop((session.id,), self._stop_timeout))

    def remove(self, session: SessionInfo) -> None:
        """Remove it, as was agreed to."""
        self._send(Remove((session.id,), force=session.has_process))

    def clean_up(self, session: SessionInfo) -> None:
        """Clear the temporary files of an ended session."""
        self._send(Cleanup((session.id,)))
