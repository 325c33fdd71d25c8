"""What podman's database has of a container: bbolt up to podman 4, SQLite after.

bbolt: `<storage>/libpod/bolt_state.db` (boltdb_state_internal.go): buckets "ctr" and "pod" with one
bucket an id, in which "config" and "state" are JSON. SQLite: `db.sql` in the storage or its libpod
folder (sqlite_state_internal.go): tables with the same JSON. Locks are not taken, nothing is
written.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import msgspec

from runtime.discovery.bolt_file import look_up
from runtime.kernel.beneath import read_file
from runtime.kernel.stamps import Stamp, stamp_or_none
from runtime.protocol.bolt import Bolt

_LIMIT = 64 * 1024 * 1024
# Of SQLite's virtual machine: a made-up database must not keep it busy.
_MOST_STEPS = 1_000_000
_QUERY = """
    SELECT c.JSON, s.JSON, p.Name FROM ContainerConfig c
    JOIN ContainerState s ON s.ID = c.ID LEFT JOIN PodConfig p ON p.ID = c.PodID WHERE c.ID = ?
"""


class PodmanRecord(msgspec.Struct, frozen=True):
    """The part that matters here. `restarts` is None where the state is not known."""

    name: str = ""
    image: str = ""
    labels: dict[str, str] = {}
    pod: str = ""
    infra: bool = False
    restarts: int | None = None


class _Config(msgspec.Struct):
    name: str = ""
    pod: str = ""
    labels: dict[str, str] | None = None
    rootfs_image_name: str = msgspec.field(name="rootfsImageName", default="")
    is_infra: bool = msgspec.field(name="pause", default=False)


class _State(msgspec.Struct, rename="camel"):
    restart_count: int = 0


class _ExecConfig(msgspec.Struct, frozen=True, rename="camel"):
    command: list[str] = []
    terminal: bool = False
    user: str = ""
    exit_command: list[str] = []


class PodmanExec(msgspec.Struct, frozen=True):
    """What it has of an exec session (libpod ExecSession); `state` 2 is "running"."""

    state: int = 0
    pid: int = 0
    config: _ExecConfig = _ExecConfig()


class _Execs(msgspec.Struct, rename="camel"):
    new_exec_sessions: dict[str, PodmanExec] | None = None


class _Pod(msgspec.Struct):
    name: str = ""


class PodmanDatabase:
    """The database of one storage, whichever kind it is."""

    def __init__(self, storage: Path) -> None:
        self._bolt = storage / "libpod" / "bolt_state.db"
        self._sqlite = (storage / "db.sql", storage / "libpod" / "db.sql")
        self._open: sqlite3.Connection | None = None
        self._opened: tuple[Path, Stamp] | None = None

    def stamp(self) -> list[Stamp | None]:
        """What changes when the database is written to."""
        return [stamp_or_none(each) for each in (*self._sqlite, self._bolt)]

    def owners(self) -> set[int]:
        """The users who own its files, and so decide what is in them."""
        found: set[int] = set()
        for path in (*self._sqlite, self._bolt):
            with contextlib.suppress(OSError):
                found.add(path.stat().st_uid)
        return found

    def record(self, container_id: str) -> PodmanRecord | None:
        """What it has of the container, None where it has none or cannot be read."""
        for path in self._sqlite:
            if stamp_or_none(path) is not None and (found := self._from_sqlite(path, container_id)):
                return found
        return look_up(self._bolt, lambda bolt: _from_bolt(bolt, container_id))

    def execs(self, container_id: str) -> dict[str, PodmanExec]:
        """The exec sessions that it has of the container, by id; none if it cannot be read."""
        for path in self._sqlite:
            if stamp_or_none(path) is not None and (rows := self._rows(path, container_id)):
                return _execs(rows[0][1])
        state = look_up(self._bolt, lambda bolt: _state(bolt, container_id))
        return _execs(state or b"{}")

    def close(self) -> None:
        """Let go of the copy that was made of an SQLite database."""
        if self._open is not None:
            self._open.close()
        self._open = self._opened = None

    def _from_sqlite(self, path: Path, container_id: str) -> PodmanRecord | None:
        rows = self._rows(path, container_id)
        return _record(*rows[0]) if rows else None

    def _rows(self, path: Path, container_id: str) -> list[tuple[str, str, str | None]]:
        try:
            return self._copy(path).execute(_QUERY, (container_id,)).fetchall()
        except (OSError, sqlite3.Error):
            self.close()
            return []

    def _copy(self, path: Path) -> sqlite3.Connection:
        """A copy in memory: opening the file itself would lock it, and might write to it."""
        stamp = stamp_or_none(path)
        if self._open is None or self._opened != (path, stamp):
            self.close()
            text = read_file(path, _LIMIT)
            if not text:
                raise sqlite3.DatabaseError("an empty file")  # deserialize takes it for no memory
            connection = sqlite3.connect(":memory:")
            self._open, self._opened = connection, (path, stamp) if stamp else None
            connection.deserialize(text)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.set_progress_handler(lambda: 1, _MOST_STEPS)
        return self._open


def _from_bolt(bolt: Bolt, container_id: str) -> PodmanRecord | None:
    found = bolt.bucket("ctr", container_id)
    if found is None:
        return None
    config = found.value("config") or b"{}"
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pod_id = msgspec.json.decode(config, type=_Config).pod
        pod = bolt.bucket("pod", pod_id) if pod_id else None
        named = msgspec.json.decode((pod and pod.value("config")) or b"{}", type=_Pod)
        return _record(config, found.value("state") or b"{}", named.name)
    return None


def _state(bolt: Bolt, container_id: str) -> bytes | None:
    found = bolt.bucket("ctr", container_id)
    return found.value("state") if found else None


def _execs(state: bytes | str) -> dict[str, PodmanExec]:
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(state, type=_Execs).new_exec_sessions or {}
    return {}


def _record(config: bytes | str, state: bytes | str, pod: str | None) -> PodmanRecord | None:
    try:
        known = msgspec.json.decode(config, type=_Config)
        restarts = msgspec.json.decode(state, type=_State).restart_count
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return PodmanRecord(
        name=known.name,
        image=known.rootfs_image_name,
        labels=known.labels or {},
        pod=pod or "",
        infra=known.is_infra,
        restarts=restarts,
    )
