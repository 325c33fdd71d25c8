"""Lengths of time as people write them: 30s, 10m, 8h, 2d, or several of them: 1h30m."""

from __future__ import annotations

import re

from runtime.errors import InvalidArgumentError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# No longer numbers: they would be no number any more.
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd])")


def parse_duration(text: str) -> float:
    """Seconds; "0" needs no unit. Raises InvalidArgumentError."""
    if text == "0":
        return 0.0
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise InvalidArgumentError(
            f"{text!r} is not a length of time", hint="write it as 30s, 10m, 8h or 2d"
        )
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)
