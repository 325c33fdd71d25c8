"""Resource limits of processes (setrlimit(2)), under the OCI runtime specification's names."""

from __future__ import annotations

import resource
from typing import NamedTuple

# What JSON says for RLIM_INFINITY, which is all ones.
UNLIMITED = 2**64 - 1
_NUMBERS = {name: getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")}
# Another name for RLIMIT_NOFILE, of other systems.
_NUMBERS.pop("RLIMIT_OFILE", None)


class Limit(NamedTuple):
    """One limit: what applies, and how far a process may raise it."""

    soft: int
    hard: int


def read_limits(pid: int) -> dict[str, Limit]:
    """The limits of a process, none where it is gone or not ours to look at."""
    try:
        found = {name: resource.prlimit(pid, number) for name, number in _NUMBERS.items()}
    except (ProcessLookupError, PermissionError):
        return {}
    return {name: Limit(_unsigned(soft), _unsigned(hard)) for name, (soft, hard) in found.items()}


def _unsigned(value: int) -> int:
    return UNLIMITED if value == resource.RLIM_INFINITY else value
