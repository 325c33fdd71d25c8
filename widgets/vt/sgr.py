"""Select graphic rendition: from parameters to a pen, and from a pen to parameters.

ECMA-48 8.3.117 and xterm's extensions: 256 and 24-bit colours in both spellings (``38;2;r;g;b`` and
ITU T.416's ``38:2::r:g:b``), underline styles ``4:n`` and underline colours ``58``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from widgets.vt.cells import PLAIN, Pen, Style
from widgets.vt.colors import DEFAULT, Color
from widgets.vt.state import ScreenState

MAX_MEMORY: Final = 512
"""How many SGR sequences a pen remembers the outcome of."""

UNDERLINES: Final[dict[int, str | None]] = {
    0: None,
    1: "single",
    2: "double",
    3: "curly",
    4: "dotted",
    5: "dashed",
}

_STYLES: Final[dict[int, dict[str, object]]] = {
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
            if ":" in part:
                self._apply_subparameters(part)
            elif part in {"38", "48", "58"}:
                at += self._apply_color_list(int(part), parts[at + 1 : at + 5])
            else:
                self._apply_number(int(part) if part and len(part) < 5 else 0 if not part else -1)
            at += 1

    def _apply_number(self, number: int) -> None:
        if number == 0:
            # What DECSCA and OSC 8 have set is not a graphic rendition and stays.
            self.foreground = self.background = DEFAULT
            self.style = PLAIN._replace(link=self.style.link, protected=self.style.protected)
        elif 30 <= number <= 37 or 90 <= number <= 97:
            self.foreground = number - (30 if number < 90 else 82)
        elif 40 <= number <= 47 or 100 <= number <= 107:
            self.background = number - (40 if number < 100 else 92)
        elif number == 39:
            self.foreground = DEFAULT
        elif number == 49:
            self.background = DEFAULT
        elif number in _STYLES:
            self._restyle(**_STYLES[number])

    def _restyle(self, **changes: object) -> None:
        self.style = self.style._replace(**changes)  # type: ignore[arg-type]

    def _apply_subparameters(self, part: str) -> None:
        fields = part.split(":")
        if fields[0] == "4" and len(fields) == 2:
            number = _number(fields[1])
            if number in UNDERLINES:
                self._restyle(underline=UNDERLINES[number])
        elif fields[0] in {"38", "48", "58"}:
            # T.416 has a colour space between the 2 and the red, which many programs leave out.
            values = fields[3:6] if len(fields) > 5 and fields[1] == "2" else fields[2:5]
            color = _color(fields[1], values)
            if color is not None:
                self._set_color(int(fields[0]), color)

    def _apply_color_list(self, target: int, following: list[str]) -> int:
        """Read ``5;n`` or ``2;r;g;b`` after a 38, 48 or 58; return how many parameters it took."""
        kind = following[0] if following else ""
        taken = {"5": 2, "2": 4}.get(kind, 1)
        color = _color(kind, following[1:taken])
        if color is not None:
            self._set_color(target, color)
        return taken

    def _set_color(self, target: int, color: Color) -> None:
        if target == 38:
            self.foreground = color
        elif target == 48:
            self.background = color
        else:
            self._restyle(underline_color=color)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _color(kind: str, values: list[str]) -> Color | None:
    channels = [_number(value) for value in values]
    if any(channel > 255 for channel in channels):
        return None
    if kind == "5" and channels:
        return channels[0]
    if kind == "2" and len(channels) == 3:
        return channels[0], channels[1], channels[2]
    return None


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


class Rendition(ScreenState):
    """The control functions that change the pen."""

    def change_pen(self, sequence: str) -> None:
        """SGR, given as the whole sequence; the pen remembers where it leads."""
        before = self.pen
        brush = Brush(before)
        brush.apply(sequence[2:-1])
        self.pen = self.pens.pen(brush.foreground, brush.background, brush.style)
        if len(before.after) >= MAX_MEMORY:
            before.after.clear()
        before.after[sequence] = self.pen

    def restyle(self, change: Callable[[Style], Style]) -> None:
        """Change the attributes that SGR has no part in (hyperlinks, protection)."""
        pen = self.pen
        self.pen = self.pens.pen(pen.foreground, pen.background, change(pen.style))

    def set_protection(self, number: int) -> None:
        """DECSCA: protect the text to come from selective erase, or not."""
        if number in {0, 1, 2}:
            self.restyle(lambda style: style._replace(protected=number == 1))

    def push_pen(self) -> None:
        """XTPUSHSGR."""
        if len(self.pen_stack) < 10:
            self.pen_stack.append(self.pen)

    def pop_pen(self) -> None:
        """XTPOPSGR."""
        if self.pen_stack:
            self.pen = self.pen_stack.pop()
