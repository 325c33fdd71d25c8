"""Screens with fixed data, in a fixed place, for pictures that are the same every time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.pilot.conftest import engine, furnished, make_app, nothing_blocks, wait_until

__all__ = ["engine", "furnished", "make_app", "nothing_blocks", "wait_until"]


@pytest.fixture(autouse=True)
def fixed_place(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No colour setting of this machine, and UTC."""
    with monkeypatch.context() as patch:
        for name in ("NO_COLOR", "TEXTUAL_THEME", "COLORTERM"):
            patch.delenv(name, raising=False)
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()
