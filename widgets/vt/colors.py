"""Colours as programs name them, and the palette they may change.

A cell's colour is one of three things: the word ``"default"``, a palette index, or a triple of red,
green and blue. What an index looks like belongs to whoever draws; a program may override entries
with OSC 4 and the default colours with OSC 10, 11 and 12 (xterm control sequences, "Operating
System Commands").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

Rgb = tuple[int, int, int]
Color = str | int | Rgb

DEFAULT: Final = "default"

_HEX_PARTS = re.compile(r"rgb:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})", re.IGNORECASE)
_HASH = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{9}|[0-9a-f]{12})", re.IGNORECASE)
_ANSI: Final[tuple[Rgb, ...]] = (
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
)
_LEVELS = (0, 95, 135, 175, 215, 255)


def standard_rgb(index: int) -> Rgb:
    """What xterm shows for a palette index: 16 named, a 6x6x6 cube, 24 greys."""
    if index < 16:
        return _ANSI[index]
    if index < 232:
        cube = index - 16
        return _LEVELS[cube // 36], _LEVELS[cube // 6 % 6], _LEVELS[cube % 6]
    grey = 8 + 10 * (index - 232)
    return grey, grey, grey


def parse_color(text: str) -> Rgb | None:
    """Read an X11 colour specification (``rgb:RR/GG/BB`` or ``#RRGGBB``); names are not known."""
    parts = _HEX_PARTS.fullmatch(text)
    if parts is not None:
        red, green, blue = (_scaled(part) for part in parts.groups())
        return red, green, blue
    hashed = _HASH.fullmatch(text)
    if hashed is None:
        return None
    digits = hashed[1]
    size = len(digits) // 3
    # In the # form short numbers are the high bits, they are not stretched (XParseColor(3)).
    red, green, blue = (
        int(digits[at : at + size].ljust(2, "0")[:2], 16) for at in range(0, len(digits), size)
    )
    return red, green, blue


def _scaled(digits: str) -> int:
    return round(int(digits, 16) * 255 / ((1 << 4 * len(digits)) - 1))


def format_color(color: Rgb) -> str:
    """Write a colour the way xterm answers a query, 16 bits a channel."""
    return "rgb:" + "/".join(f"{channel:02x}{channel:02x}" for channel in color)


@dataclass
class Colors:
    """The colours in force: the theme's, under what the program has overridden.

    ``foreground``, ``background`` and ``cursor`` hold what the program asked for (OSC 10, 11,
    12), or None; ``palette`` its overrides of indexed colours (OSC 4). The ``theme_`` fields are
    set by whoever draws, so that queries are answered with what is really on the screen.
    """

    theme_foreground: Rgb = (229, 229, 229)
    theme_background: Rgb = (0, 0, 0)
    theme_cursor: Rgb = (229, 229, 229)
    foreground: Rgb | None = None
    background: Rgb | None = None
    cursor: Rgb | None = None
    palette: dict[int, Rgb] = field(default_factory=dict)
    version: int = 0

    def changed(self) -> None:
        """Count a change, so that a drawer can tell its cached rows are out of date."""
        self.version += 1

    def reset(self) -> None:
        """Forget every override (RIS)."""
        self.foreground = self.background = self.cursor = None
        self.palette.clear()
        self.changed()

    def rgb(self, index: int) -> Rgb:
        """The colour of a palette index, with the program's override if there is one."""
        return self.palette.get(index) or standard_rgb(index)

    @property
    def is_dark(self) -> bool:
        """Whether the background is dark, which programs ask for with ``CSI ? 996 n``."""
        red, green, blue = self.background or self.theme_background
        return red * 299 + green * 587 + blue * 114 < 128_000
