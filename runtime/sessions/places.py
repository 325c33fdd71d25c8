"""Where sessions keep their files, and the lock of each container."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from runtime.kernel.flock import locked
from runtime.model import ExecSession
from runtime.oci.bundle import ExecBundle

# Locks are held for moments; starting a process through a slow runtime takes the longest.
_LOCK_TIMEOUT = 60.0


class Places:
    """The run folder: `bundles/CONTAINER_KEY/SESSION_ID` and `locks/CONTAINER_KEY`."""

    def __init__(self, run_dir: Path) -> None:
        self.bundles = run_dir / "bundles"
        self.locks = run_dir / "locks"

    def bundle(self, session: ExecSession) -> ExecBundle:
        """The session's bundle, whether it is there or not."""
        folder = self.bundles / session.container_key / session.id
        return ExecBundle(folder, session.container_id)

    def locked(
        self, container_key: str, name: str, *, timeout: float = _LOCK_TIMEOUT
    ) -> AbstractAsyncContextManager[None]:
        """The lock of a container; `name` is for the message when it cannot be had."""
        return locked(self.locks / container_key, timeout=timeout, what=f"container {name}")

    def session_locked(self, session: ExecSession) -> AbstractAsyncContextManager[None]:
        """The lock of the session's container."""
        return self.locked(session.container_key, session.container_name)
