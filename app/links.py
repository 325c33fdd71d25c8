"""Which links may be opened from here, rather than copied."""

from __future__ import annotations

import os

_SAFE = ("http://", "https://")


def can_open(target: str) -> bool:
    """Whether a browser can be shown here, and would not be led to anything but the web."""
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return has_display and target.startswith(_SAFE)
