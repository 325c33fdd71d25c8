"""Where sessions keep their files, and the locks of containers and sessions."""

from __future__ import annotations

import functools
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from runtime.kernel.flock import locked
from runtime.model import ExecSession
from runtime.oci.bundle import ExecBundle

# Locks are held for moments; starting a process through a slow runtime takes the longest.
LOCK_TIMEOUT = 60.0
# As many hexadecimal digits of a session's id as fit a file offset.
_DIGITS = 15


class Places:
    """The run folder: `bundles/CONTAINER_KEY/SESSION_ID` and `locks/CONTAINER_KEY`."""

    def __init__(self, run_dir: Path) -> None:
        self.bundles = run_dir / "bundles"
        self.locks = run_dir / "locks"

    def bundle(self, session: ExecSession) -> ExecBundle:
        """The session's bundle, whether it is there or not."""
        return _bundle(self.bundles, session.container_key, session.id, session.container_id)

    def session_locked(
        self, container_key: str, session_id: str, *, timeout: float = LOCK_TIMEOUT
    ) -> AbstractAsyncContextManager[None]:
        """The part of the container's lock that is this session's.

        Sessions of one container do not wait for each other: a start takes as long as the runtime.
        """
        return locked(
            self.locks / container_key,
            timeout=timeout,
            what=f"exec session {session_id[:12]}",
            part=_part(session_id),
        )


@functools.lru_cache(maxsize=1024)
def _bundle(bundles: Path, key: str, session_id: str, container_id: str) -> ExecBundle:
    # Each look asks for that of every session, and paths take longer to make than files to read.
    return ExecBundle(bundles / key / session_id, container_id)


def _part(session_id: str) -> int:
    try:
        return int(session_id[:_DIGITS], 16)
    except ValueError:
        return 0  # a stray folder's name
