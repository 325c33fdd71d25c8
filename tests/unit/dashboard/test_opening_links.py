"""What may be opened in a browser: the web, and only where there is a display."""

from __future__ import annotations

import pytest

from app.links import can_open


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        ("https://example.org", True),
        ("http://example.org", True),
        ("file:///etc/passwd", False),
        ("ftp://example.org", False),
        ("-x https://example.org", False),
    ],
)
def test_only_the_web(target: str, allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":1")
    assert can_open(target) is allowed
    monkeypatch.delenv("DISPLAY")
    assert not can_open(target)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert can_open(target) is allowed
