"""All pens of one terminal, each made once and their number bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from widgets.vt.cells import PLAIN, Style
from widgets.vt.codes import ClusterCodes
from widgets.vt.colors import DEFAULT, Color
from widgets.vt.pens import DIRECT, NOWHERE, Family, Pen
from widgets.vt.sgr import Brush

_RESETS: Final = ("\x1b[0m", "\x1b[m")
_DIRECT: Final = tuple(
    f"{reset}\x1b[{target};2;" for reset in ("", *_RESETS) for target in (38, 48)
)
_FOREGROUND, _BACKGROUND = 1, 3


class PenTable:
    """The pens, and the codes for the clusters written with them.

    Bounded: when a program has invented too many colours or characters, the table forgets them all
    and grows older by one. Cells on the screen stay valid, they are only no longer shared with what
    is written next. ``on_forget`` is told, so that the scrollback can be bounded by it too.
    """

    MAX_PENS: Final = 4096
    MAX_CELLS: Final = 20_000

    def __init__(self, on_forget: Callable[[], None]) -> None:
        self._on_forget = on_forget
        # By style first: a pair of colours is nothing that the garbage collector needs to follow,
        # which counts when a picture makes a new pen for every cell.
        self._families: dict[Style, Family] = {}
        self.size = 0
        self.age = 0
        self.cells = 0
        self.dots = 0
        self.codes = ClusterCodes()
        self.resets: dict[str, Pen] = {}
        self.default = self.pen(DEFAULT, DEFAULT, PLAIN)
        self.resets |= {"\x1b[m": self.default, "\x1b[0m": self.default}

    def pen(self, foreground: Color, background: Color, style: Style) -> Pen:
        """The one pen with these attributes."""
        colors = (foreground, background)
        family = self._families.get(style) or self._new_family(style)
        pen = family.get(colors)
        if pen is None:
            if self.size >= self.MAX_PENS:
                self.forget()
                family = self._families.get(style) or self._new_family(style)
            pen = family[colors] = Pen(self, family)
            pen.foreground = foreground
            pen.background = background
            self.size += 1
        return pen

    def change(self, before: Pen, sequence: str) -> Pen:
        """The pen that one or several SGR sequences lead to; ``before`` remembers it."""
        pen = before.after.get(sequence)
        if pen is None and sequence.startswith(_DIRECT):
            pen = self._after_direct_colors(before, sequence)
        if pen is not None:
            return pen
        brush = Brush(before)
        for given in sequence[2:-1].split("m\x1b["):
            brush.apply(given)
        size = self.size
        pen = self.pen(brush.foreground, brush.background, brush.style)
        if self.size == size:
            # A pen that was there before will come again. One that is new may be a single dot of a
            # picture, and not worth remembering how it was got.
            before.remember(sequence, pen)
        return pen

    def _after_direct_colors(self, before: Pen, sequence: str) -> Pen | None:
        """The pen after a sequence that `DIRECT` describes, without reading its colours."""
        found = DIRECT.fullmatch(sequence)
        if found is None:
            return None
        base = before
        if sequence.startswith(_RESETS):
            if before.family.after is NOWHERE:
                return None
            base = self.default
        given = found.lastindex
        key: object = sequence
        if given == _FOREGROUND:
            key = sequence, base.background
        elif given == _BACKGROUND:
            key = base.foreground, sequence
        pen = base.family.get(key)
        if pen is not None:
            before.remember(sequence, pen)
            return pen
        pen = self._spelled(sequence, key, base)
        if given == _FOREGROUND:
            pen.background = base.background
        elif given == _BACKGROUND:
            pen.foreground = base.foreground
        return pen

    def _spelled(self, sequence: str, key: object, before: Pen) -> Pen:
        """A new pen with the style of another and the colours that a sequence gives."""
        if self.size >= self.MAX_PENS:
            self.forget()
        family = before.family
        if before.age != self.age:
            family = self._families.get(before.style) or self._new_family(before.style)
        pen = family[key] = Pen(self, family)
        pen.spelled = sequence
        self.size += 1
        return pen

    def _new_family(self, style: Style) -> Family:
        # A reset ends all but links and protection, so most pens know from the beginning where it
        # leads, and share that knowledge.
        is_reset = style.link is None and not style.protected
        family = self._families[style] = Family(style, self.resets if is_reset else NOWHERE)
        return family

    def count_dots(self, count: int) -> None:
        """Note how many cells of pictures were written, each with a pen yet to be made."""
        self.dots += count
        if self.dots >= self.MAX_PENS:
            self.dots = 0
            self._on_forget()

    def forget(self) -> None:
        """Empty the table."""
        for family in self._families.values():
            for pen in family.values():
                pen.clear()
                pen.after = family.after
                pen.blank = None
            # The pens still on the screen must not keep alive all those they were made with.
            family.clear()
        default = self.default
        self._families = {PLAIN: default.family}
        default.family[DEFAULT, DEFAULT] = default
        self.size = 1
        self.cells = 0
        self.age += 1
        default.age = self.age
        self._on_forget()
