"""Who is attached to a session: one locked file a viewer, in the session's bundle.

The kernel frees the lock when the viewer dies, however it dies, so a file whose lock is free is a
leftover and is removed by whoever finds it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from runtime.kernel.flock import try_lock
from runtime.oci.bundle import ExecBundle


@contextlib.contextmanager
def registered(bundle: ExecBundle) -> Iterator[None]:
    """Be counted as a viewer for as long as the context lasts."""
    path = bundle.viewers / f"{os.getpid()}-{secrets.token_hex(4)}"
    with contextlib.ExitStack() as stack:
        # The bundle may be gone already: then there is nobody left who counts.
        with contextlib.suppress(FileNotFoundError):
            unlocked = path.with_suffix(".new")
            descriptor = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            stack.callback(os.close, descriptor)
            try_lock(descriptor)
            unlocked.rename(path)  # visible only once it is locked
        stack.callback(path.unlink, missing_ok=True)
        yield


def count_viewers(bundle: ExecBundle) -> int:
    """How many viewers are attached to the session now."""
    try:
        files = [each for each in bundle.viewers.iterdir() if each.suffix != ".new"]
    except OSError:
        return 0
    return sum(map(_is_held, files))


def _is_held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not try_lock(descriptor, shared=True):
            return True
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)
