"""Limits of processes."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from typing import Any

from runtime.kernel.limits import UNLIMITED, Limit, read_limits
from runtime.model import ProcessIdentity


def test_our_own() -> None:
    found = read_limits(os.getpid())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert found["RLIMIT_NOFILE"] == Limit(soft, hard)
    assert {"RLIMIT_CORE", "RLIMIT_NPROC", "RLIMIT_STACK", "RLIMIT_MEMLOCK"} <= found.keys()
    assert all(name.startswith("RLIMIT_") for name in found)


def test_another_s(sleeper: Callable[[], tuple[Any, ProcessIdentity]]) -> None:
    _, process = sleeper()
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, hard))
    expected = UNLIMITED if hard == resource.RLIM_INFINITY else hard
    assert read_limits(process.pid)["RLIMIT_CORE"] == Limit(0, expected)


def test_nobody_s(ended: ProcessIdentity) -> None:
    assert read_limits(ended.pid) == {}
