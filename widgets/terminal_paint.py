"""From the emulator's rows to strips: colours resolved, runs joined, widths never measured again.

Rows have versions, so a strip is made once for each content a row has. Cell widths are the
emulator's: other measures disagree with it on hundreds of characters.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.vt import Colors, Line, Pen
from widgets.vt.colors import Rgb, standard_rgb

MAX_STRIPS = 4096

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SAFE_LINK = re.compile(r"[!-~]{1,2000}")


@dataclasses.dataclass(frozen=True, slots=True)
class TerminalPalette:
    """What the default colours and the sixteen named ones look like.

    With `native` the terminal around us decides about them, and only its numbers are sent.
    """

    foreground: Rgb = (211, 218, 227)
    background: Rgb = (12, 17, 22)
    cursor: Rgb = (238, 244, 250)
    ansi: tuple[Rgb, ...] = tuple(standard_rgb(index) for index in range(16))
    native: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """Columns that are shown in another way: the cursor, or a selection."""

    start: int
    end: int
    style: Style


class Painter:
    """Makes strips of one terminal's rows under one palette."""

    def __init__(self, palette: TerminalPalette, colors: Colors) -> None:
        self.palette = palette
        self._colors = colors
        self._reverse = False
        self._styles: dict[object, Style] = {}
        self._strips: dict[int, Strip] = {}
        self._colors_version = colors.version

    def paint(self, line: Line, *, reverse: bool, marks: Sequence[Mark] = ()) -> Strip:
        """The strip of a row. `reverse` is reverse video for the whole screen (DECSCNM)."""
        self._check_age(reverse)
        if marks:
            return self._make(line, marks)
        version = line.version
        strip = self._strips.get(version)
        if strip is None or strip.cell_length != len(line):
            if len(self._strips) >= MAX_STRIPS:
                self._strips.clear()
            strip = self._strips[version] = self._make(line, ())
        return strip

    def cursor_style(self, *, focused: bool, shape: str) -> Style:
        """How the cell under the cursor is changed."""
        if not focused or shape == "underline":
            return Style(underline=True, bold=True)
        if self.palette.native:
            return Style(reverse=True)
        cursor = self._colors.cursor or self.palette.cursor
        return Style(
            color=RichColor.from_rgb(*self.palette.background), bgcolor=RichColor.from_rgb(*cursor)
        )

    @property
    def base(self) -> Style:
        """The style of a blank."""
        return self._main_style("default", "default", inverse=self._reverse)

    def _check_age(self, reverse: bool) -> None:
        if reverse != self._reverse or self._colors.version != self._colors_version:
            self._reverse = reverse
            self._colors_version = self._colors.version
            self._styles.clear()
            self._strips.clear()

    def _make(self, line: Line, marks: Sequence[Mark]) -> Strip:
        segments: list[Segment] = []
        texts: list[str] = []
        run: Style | None = None
        pen: Pen | None = None
        style = self.base
        for column, cell in enumerate(line):
            if not cell.text:
                continue
            if cell.pen is not pen or marks:
                pen = cell.pen
                style = self._style(pen)
                for mark in marks:
                    if mark.start <= column < mark.end:
                        style += mark.style
            if style != run:
                if run is not None:
                    segments.append(Segment(_safe("".join(texts)), run))
                texts, run = [], style
            texts.append(cell.text)
        if run is not None:
            segments.append(Segment(_safe("".join(texts)), run))
        return Strip(segments, len(line))

    def _style(self, pen: Pen) -> Style:
        key = pen.key
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._make_style(pen)
        return style

    def _make_style(self, pen: Pen) -> Style:
        look = pen.style
        main = self._main_style(
            pen.foreground, pen.background, inverse=look.inverse != self._reverse
        )
        if look.hidden:
            main = Style(color=main.bgcolor, bgcolor=main.bgcolor)
        link = look.link if look.link and _SAFE_LINK.fullmatch(look.link) else None
        return main + Style(
            bold=look.bold,
            dim=look.dim,
            italic=look.italic,
            underline=look.underline not in (None, "double"),
            underline2=look.underline == "double",
            blink=look.blink,
            strike=look.strike,
            link=link,
        )

    def _main_style(self, foreground: object, background: object, *, inverse: bool) -> Style:
        if self.palette.native and inverse:
            plain = self._main_style(foreground, background, inverse=False)
            return plain + Style(reverse=True)
        front = self._color(foreground, self._colors.foreground or self.palette.foreground)
        back = self._color(background, self._colors.background or self.palette.background)
        return Style(color=back, bgcolor=front) if inverse else Style(color=front, bgcolor=back)

    def _color(self, color: object, default: Rgb) -> RichColor:
        match color:
            case (int(red), int(green), int(blue)):
                return RichColor.from_rgb(red, green, blue)
            case int(index):
                return self._indexed(index)
            case _ if self.palette.native:
                return RichColor.default()
            case _:
                return RichColor.from_rgb(*default)

    def _indexed(self, index: int) -> RichColor:
        override = self._colors.palette.get(index)
        if override is not None:
            return RichColor.from_rgb(*override)
        if index < 16:
            if self.palette.native:
                return RichColor.from_ansi(index)
            return RichColor.from_rgb(*self.palette.ansi[index])
        return RichColor.from_rgb(*standard_rgb(index))


def _safe(text: str) -> str:
    """Nothing a program printed may steer the terminal around us."""
    return _UNSAFE.sub(" ", text)
