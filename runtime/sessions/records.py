"""The records a session lives in, together: its row, its events, its files."""

from __future__ import annotations

import msgspec

from runtime.sessions.places import Places
from runtime.sessions.settle import Settler
from runtime.state.events import EventStore
from runtime.state.sessions import SessionStore


class Records(msgspec.Struct, frozen=True):
    """What every verb on sessions works with."""

    store: SessionStore
    events: EventStore
    places: Places
    settler: Settler
