"""What an engine works with: opened together, closed together."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Self

from runtime.discovery.containers import ContainerFinder
from runtime.discovery.inspection import Inspector
from runtime.discovery.news import HostNews
from runtime.discovery.sessions import SessionFinder
from runtime.discovery.stuck_facts import StuckFinder
from runtime.errors import StateError
from runtime.kernel.folders import make_private
from runtime.kernel.proc_folder import ProcFolder
from runtime.model import EngineSettings
from runtime.oci.base import Monitor
from runtime.oci.conmon import Conmon
from runtime.sessions.adopt import Adoption
from runtime.sessions.beginning import Beginning
from runtime.sessions.ending import Ending
from runtime.sessions.foreign import Foreign
from runtime.sessions.listing import SessionLister
from runtime.sessions.no_session import NoSession
from runtime.sessions.places import Places
from runtime.sessions.records import Records
from runtime.sessions.recovery import Recovery
from runtime.sessions.settle import Settler
from runtime.sessions.starting import Starter
from runtime.sessions.viewing import Viewing
from runtime.state.events import EventStore
from runtime.state.opening import open_database
from runtime.state.sessions import SessionStore

DATABASE = "exectop.sqlite3"


class EngineParts:
    """The parts of an engine; `runtime.engine.Engine` is what to use."""

    def __init__(self, settings: EngineSettings, monitor: Monitor | None = None) -> None:
        """Nothing is opened or made before the context is entered.

        `monitor` starts the sessions: conmon, unless another is given (`runtime.oci.fake`).
        """
        self._settings = settings
        self._monitor = monitor
        self._finder = ContainerFinder(settings.roots)
        self._asking: asyncio.Task[bool] | None = None

    async def __aenter__(self) -> Self:
        """Open the state, making folders where need be. Raises StateError."""
        settings = self._settings
        state_dir, run_dir = Path(settings.state_dir), Path(settings.run_dir)
        for folder in (state_dir, run_dir, run_dir / "bundles", run_dir / "locks"):
            _make_private(folder)
        self._database, set_aside = await open_database(state_dir / DATABASE)
        self._problems = [set_aside] if set_aside else []
        self._records = records = self._open_records(run_dir)
        runtimes = {"runc": settings.runc, "crun": settings.crun}
        monitor = self._monitor or Conmon(settings.conmon, runtimes)
        starter = Starter(records.store, records.events, monitor, settings.kept_output)
        self._beginning = Beginning(records, self._finder, starter)
        self._no_session = NoSession(records.places, self._finder, monitor)
        self._viewing = Viewing(records)
        self._ending = Ending(records, settings.stop_timeout)
        self._lister = SessionLister(records)
        self._recovery = Recovery(records)
        self._proc = ProcFolder()
        self._news = HostNews(self._proc)
        self._processes = SessionFinder(self._proc)
        self._inspector = Inspector(self._proc)
        self._stuck = StuckFinder(
            self._proc, self._finder.docker_daemons, self._finder.monitors, settings.idle_limit
        )
        self._foreign = Foreign(records.events, settings.stop_timeout)
        self._adoption = Adoption(records.events, run_dir / "keepers")
        return self

    def _open_records(self, run_dir: Path) -> Records:
        store, places = SessionStore(self._database), Places(run_dir)
        events = EventStore(
            self._database, count=self._settings.events_count, days=self._settings.events_days
        )
        return Records(store, events, places, Settler(store, events, places))

    async def __aexit__(self, *_: object) -> None:
        """Close the state; sessions go on."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        self._news.close()
        self._lister.close()
        self._proc.close()
        self._finder.close()
        self._database.close()


def _make_private(folder: Path) -> None:
    try:
        make_private(folder)
        owner = folder.stat().st_uid
    except OSError as error:
        raise StateError(
            f"cannot make the folder {folder}: {error.strerror}",
            hint="run as root, or set EXECTOP_STATE_DIR and EXECTOP_RUN_DIR",
        ) from error
    if owner not in (0, os.geteuid()):
        # Its owner could put links in the place of what is kept there.
        raise StateError(
            f"the folder {folder} belongs to another user ({owner})",
            hint="name a folder of your own: EXECTOP_STATE_DIR and EXECTOP_RUN_DIR",
        )
