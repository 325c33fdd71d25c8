"""What the engine needs to know of its host."""

from __future__ import annotations

from runtime.model.record import Record


class EngineSettings(Record, frozen=True, kw_only=True, rename="camel"):
    """What the engine needs to know to work on this host.

    `state_dir` holds the database, `run_dir` bundles and locks. `roots` are the state folders of
    OCI runtimes to look in; empty means the usual ones. `stop_timeout` is in seconds,
    `kept_output` in bytes a session (0: no cap). Of the newest `events_count` events those of
    the last `events_days` days are kept. A session whose terminal was idle for `idle_limit`
    seconds counts as stuck (0: none does). The three programs are names for PATH or paths.
    """

    state_dir: str
    run_dir: str
    roots: list[str] = []
    stop_timeout: float = 10.0
    kept_output: int = 8 * 1024 * 1024
    events_count: int = 10_000
    events_days: float = 90.0
    idle_limit: float = 0.0
    runc: str = "runc"
    crun: str = "crun"
    conmon: str = "conmon"
