"""Clients in whose foreground a session runs, which has no other monitor (runc, crun, nsenter)."""

from __future__ import annotations

import time
from collections.abc import Collection

from runtime.discovery.docker_clients import ClientFate
from runtime.kernel.streams import are_cut_off
from runtime.model import ProcessIdentity, SessionInfo

# A session that never had a client is looked at again after so many seconds.
_AGAIN = 10.0


class ForegroundClients:
    """Remembers which sessions had one."""

    def __init__(self) -> None:
        self._seen: set[ProcessIdentity] = set()
        self._fine: dict[ProcessIdentity, float] = {}

    def forget_all_but(self, leaders: Collection[ProcessIdentity]) -> None:
        """Keep what is known of these sessions only, by their first processes."""
        self._seen.intersection_update(leaders)
        self._fine = {each: since for each, since in self._fine.items() if each in leaders}

    def fate(self, session: SessionInfo) -> ClientFate:
        """What became of a session's; one that was never seen may never have been (exec -d)."""
        leader = ProcessIdentity(pid=session.pid, start_time=session.start_time)
        if session.attached:
            self._seen.add(leader)
            return ClientFate.PRESENT
        if leader in self._seen:
            return ClientFate.GONE if are_cut_off(leader) else ClientFate.UNKNOWN
        if time.monotonic() < self._fine.get(leader, 0.0) + _AGAIN:
            return ClientFate.UNKNOWN
        if are_cut_off(leader):
            return ClientFate.CUT_OFF
        self._fine[leader] = time.monotonic()
        return ClientFate.UNKNOWN
