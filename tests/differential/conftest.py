"""The second opinion, started once for each worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import skip_or_fail
from tests.differential.oracle import Oracle, find_node, is_installed


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """xterm.js, to be asked what it would show."""
    node = find_node()
    if node is None or not is_installed():
        skip_or_fail("node or @xterm/headless is not installed (make test installs them)")
        raise AssertionError
    asked = Oracle(node)
    yield asked
    asked.close()
