"""Looking something up in a bbolt database that its engine goes on writing to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from runtime.kernel.beneath import open_file
from runtime.protocol.bolt import Bolt, DamagedBoltError

Found = TypeVar("Found")

# Two transactions must fall into one look to spoil it.
_TRIES = 3


def look_up(path: Path, read: Callable[[Bolt], Found]) -> Found | None:
    """What `read` finds in the database, as one transaction left it; None where that fails.

    No lock is taken: containerd holds its own for as long as it runs, podman for each command.
    """
    for _ in range(_TRIES):
        try:
            with os.fdopen(open_file(path), "rb", buffering=0) as file:
                descriptor = file.fileno()

                def part(offset: int, length: int, descriptor: int = descriptor) -> bytes:
                    return os.pread(descriptor, length, offset)

                bolt = Bolt(part)
                found = read(bolt)
                if Bolt(part).transaction == bolt.transaction:
                    return found
        except OSError:
            return None
        except DamagedBoltError:
            continue  # it was written to meanwhile
    return None
