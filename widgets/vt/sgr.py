"""Select graphic rendition: from parameters to a pen, and from a pen to parameters.

ECMA-48 8.3.117 and xterm's extensions: 256 and 24-bit colours in both spellings (``38;2;r;g;b`` and
ITU T.416's ``38:2::r:g:b``), underline styles ``4:n`` and underline colours ``58``.
"""

from __future__ import annotations

from typing import Any, Final

from widgets.vt.cells import PLAIN
from widgets.vt.colors import DEFAULT, Color
from widgets.vt.pens import Pen

UNDERLINES: Final[dict[int, str | None]] = {
    0: None,
    1: "single",
    2: "double",
    3: "curly",
    4: "dotted",
    5: "dashed",
}

_FOREGROUNDS: Final[dict[int, Color]] = {
    **{30 + index: index for index in range(8)},
    **{90 + index: 8 + index for index in range(8)},
    39: DEFAULT,
}
_BACKGROUNDS: Final[dict[int, Color]] = {
    number + 10: color for number, color in _FOREGROUNDS.items()
}
_BYTES: Final = {"": 0} | {
    f"{number:0{width}}": number for width in (1, 2, 3) for number in range(256)
}
"""Colour channels as they are written. A look-up is quicker than int(), and bounds them as well."""

_STYLES: Final[dict[int, dict[str, Any]]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": "single"},
    5: {"blink": True},
    6: {"blink": True},
    7: {"inverse": True},
    8: {"hidden": True},
    9: {"strike": True},
    21: {"underline": "double"},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": None},
    25: {"blink": False},
    27: {"inverse": False},
    28: {"hidden": False},
    29: {"strike": False},
    59: {"underline_color": DEFAULT},
}


class Brush:
    """A pen being mixed."""

    def __init__(self, pen: Pen) -> None:
        self.foreground = pen.foreground
        self.background = pen.background
        self.style = pen.style

    def apply(self, parameters: str) -> None:
        """Take over what the parameters of one SGR sequence say."""
        parts = parameters.split(";")
        at = 0
        while at < len(parts):
            part = parts[at]
            at += 1
            if part == "38":
                self.foreground, at = _listed_color(parts, at, self.foreground)
            elif part == "48":
                self.background, at = _listed_color(parts, at, self.background)
            elif part == "58":
                color, at = _listed_color(parts, at, self.style.underline_color)
                self.style = self.style._replace(underline_color=color)
            elif ":" in part:
                self._apply_subparameters(part.split(":"))
            else:
                self._apply_number(_number(part))

    def _apply_number(self, number: int) -> None:
        if number == 0:
            # What DECSCA and OSC 8 have set is not a graphic rendition and stays.
            self.foreground = self.background = DEFAULT
            self.style = PLAIN._replace(link=self.style.link, protected=self.style.protected)
        elif number in _FOREGROUNDS:
            self.foreground = _FOREGROUNDS[number]
        elif number in _BACKGROUNDS:
            self.background = _BACKGROUNDS[number]
        elif number in _STYLES:
            self.style = self.style._replace(**_STYLES[number])

    def _apply_subparameters(self, fields: list[str]) -> None:
        kind = _number(fields[0])
        if kind == 4 and len(fields) == 2:
            number = _number(fields[1])
            if number in UNDERLINES:
                self.style = self.style._replace(underline=UNDERLINES[number])
        elif kind in {38, 48, 58}:
            # T.416 has a colour space between the 2 and the red, which many programs leave out.
            values = fields[3:6] if len(fields) > 5 and fields[1] == "2" else fields[2:5]
            self._set_color(kind, _color(fields[1], values))

    def _set_color(self, target: int, color: Color | None) -> None:
        if color is None:
            return
        if target == 38:
            self.foreground = color
        elif target == 48:
            self.background = color
        else:
            self.style = self.style._replace(underline_color=color)


def _number(text: str) -> int:
    """A parameter as a number; missing is 0, nonsense and too much is -1."""
    if not text:
        return 0
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def _listed_color(parts: list[str], at: int, before: Color) -> tuple[Color, int]:
    """Read ``5;n`` or ``2;r;g;b`` behind a 38, 48 or 58, and say where the next parameter is."""
    kind = parts[at] if at < len(parts) else ""
    if kind == "2":
        try:
            color = _BYTES[parts[at + 1]], _BYTES[parts[at + 2]], _BYTES[parts[at + 3]]
        except (KeyError, IndexError):
            return before, at + 4
        return color, at + 4
    if kind == "5":
        index = parts[at + 1] if at + 1 < len(parts) else "missing"
        return _BYTES.get(index, before), at + 2
    return before, at + 1


def _color(kind: str, values: list[str]) -> Color | None:
    channels = [_BYTES[value] for value in values if value in _BYTES]
    if kind == "2" and len(channels) == len(values) == 3:
        return channels[0], channels[1], channels[2]
    return channels[0] if kind == "5" and channels else None


def color_parameters(target: int, color: Color) -> list[str]:
    """SGR parameters for a colour; ``target`` is 38, 48 or 58."""
    if isinstance(color, tuple):
        channels = [str(channel) for channel in color]
        if target == 58:
            # With colons, so that a terminal that does not know 58 takes nothing for a style.
            return ["58:2::" + ":".join(channels)]
        return [f"{target};2;" + ";".join(channels)]
    if not isinstance(color, int):
        return []
    if target == 58:
        return [f"58:5:{color}"]
    if color < 16:
        base = (30 if color < 8 else 82) + (target == 48) * 10
        return [str(base + color)]
    return [f"{target};5;{color}"]


def parameters(pen: Pen) -> str:
    """The SGR parameters that give this pen, beginning with a reset."""
    style = pen.style
    flags: list[tuple[bool, str]] = [
        (style.bold, "1"),
        (style.dim, "2"),
        (style.italic, "3"),
        (style.blink, "5"),
        (style.inverse, "7"),
        (style.hidden, "8"),
        (style.strike, "9"),
    ]
    parts = ["0", *(number for is_set, number in flags if is_set)]
    for number, name in UNDERLINES.items():
        if name is not None and name == style.underline:
            parts.append("4" if number == 1 else f"4:{number}")
    parts += color_parameters(38, pen.foreground)
    parts += color_parameters(48, pen.background)
    parts += color_parameters(58, style.underline_color)
    return ";".join(parts)
