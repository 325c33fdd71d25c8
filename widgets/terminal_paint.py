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
BAR = "▏"

_NULL = Style.null()
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SAFE_LINK = re.compile(r"[!-~]{1,2000}")


@dataclasses.dataclass(frozen=True, slots=True)
class TerminalPalette:
    """What the default colours and the sixteen named ones look like.

    With `native` the terminal around us decides about them, and only its numbers are sent. With
    `bold_is_bright`, bold text in one of the first eight colours has the brighter one.
    """

    foreground: Rgb = (211, 218, 227)
    background: Rgb = (12, 17, 22)
    cursor: Rgb = (238, 244, 250)
    ansi: tuple[Rgb, ...] = tuple(standard_rgb(index) for index in range(16))
    native: bool = False
    bold_is_bright: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """Columns that are shown in another way: the cursor, a selection, something found.

    A blank cell shows the `glyph` in its own style instead, if there is one.
    """

    start: int
    end: int
    style: Style
    glyph: str = ""
    glyph_style: Style = _NULL

    def apply(self, text: str, style: Style) -> tuple[str, Style]:
        """A cell's text and style with the mark on it."""
        if self.glyph and text == " ":
            return self.glyph, style + self.glyph_style
        return text, style + self.style


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

    def cursor(self, column: int, *, focused: bool, shape: str) -> Mark:
        """How the cell under the cursor is changed. A bar cannot stand between two letters here:
        on a letter it is a tint."""
        if not focused or shape == "underline":
            return Mark(column, column + 1, Style(underline=True, bold=True))
        cursor = self._colors.cursor or self.palette.cursor
        background = self._colors.background or self.palette.background
        front, back = RichColor.from_rgb(*cursor), RichColor.from_rgb(*background)
        if self.palette.native:
            style, bar = Style(reverse=True), _NULL
        else:
            style, bar = Style(color=back, bgcolor=front), Style(color=front)
        if shape != "bar":
            return Mark(column, column + 1, style)
        tint = style if self.palette.native else Style(bgcolor=_mixed(cursor, background))
        return Mark(column, column + 1, tint, BAR, bar)

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
            text = cell.text
            if not text:
                continue
            if cell.pen is not pen or marks:
                pen = cell.pen
                style = self._style(pen)
                for mark in marks:
                    if mark.start < column + cell.width and column < mark.end:
                        text, style = mark.apply(text, style)
            if style != run:
                if run is not None:
                    segments.append(Segment(_safe("".join(texts)), run))
                texts, run = [], style
            texts.append(text)
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
        look, foreground = pen.style, pen.foreground
        if self.palette.bold_is_bright and look.bold and isinstance(foreground, int):
            foreground += 8 if foreground < 8 else 0
        main = self._main_style(foreground, pen.background, inverse=look.inverse != self._reverse)
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


def _mixed(one: Rgb, other: Rgb) -> RichColor:
    """A little of the one on the other."""
    red, green, blue = (
        round(back + 0.4 * (front - back)) for front, back in zip(one, other, strict=True)
    )
    return RichColor.from_rgb(red, green, blue)


def _safe(text: str) -> str:
    """Nothing a program printed may steer the terminal around us."""
    return _UNSAFE.sub(" ", text)
