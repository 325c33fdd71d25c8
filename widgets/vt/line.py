"""One row of the screen or of the scrollback."""

from __future__ import annotations

from itertools import count

from widgets.vt.cells import PLAIN, Cell
from widgets.vt.dots import Dots
from widgets.vt.pens import Pen

_versions = count(1)


class Line(list[Cell]):
    """The cells of a row, with a version to cache what was drawn from it.

    A row that is only written from left to right, as most are, has no cells until somebody looks
    (``fill``): most rows of a flood of output are never looked at. It keeps the ``text``, the
    ``pens`` it was written with, where each of them ``ends``, the ``blank`` that stands behind, and
    the number of ``columns`` there will be. Once filled, ``pens`` is None.

    ``wrapped`` says that the text runs on in the next row because it met the right edge, which is
    what a resize needs to know to lay the text out anew; ``gap`` that its last column stayed free
    because a wide character did not fit. ``stamp`` is the version, or 0 when it must be drawn anew:
    whoever changes cells stores that 0, and nothing is counted until somebody asks. ``mark`` says
    that a prompt or the output of a command begins here, if the shell tells (OSC 133).
    """

    __slots__ = ("blank", "columns", "ends", "gap", "mark", "pens", "stamp", "text", "wrapped")

    blank: Cell
    columns: int
    ends: list[int]
    gap: bool
    mark: str
    pens: list[Pen | Dots] | None
    stamp: int
    text: str
    wrapped: bool

    @property
    def version(self) -> int:
        """A number that is unique to this content: it changes when the row does, and no two rows
        that ever differed share it."""
        if not self.stamp:
            self.stamp = next(_versions)
        return self.stamp

    def fill(self) -> Line:
        """Make the cells if they are still to be made."""
        if self.pens is not None:
            pens = zip(self.pens, [0, *self.ends], self.ends, strict=False)
            self.pens = None
            for pen, start, end in pens:
                self.extend(pen.cells(self.text[start:end]))
            self.extend([self.blank] * (self.columns - len(self.text)))
            self.text = ""
            self.ends = []
        return self

    def append_run(self, text: str, pen: Pen | Dots) -> None:
        """Write text behind the text, in a row that has no cells yet."""
        pens = self.pens or []
        self.text += text
        if pens and pens[-1] is pen:
            self.ends[-1] = len(self.text)
        else:
            pens.append(pen)
            self.ends.append(len(self.text))
        self.pens = pens
        self.stamp = 0

    def extent(self) -> int:
        """How long the row is, not counting what was never written."""
        return len(self) if self.pens is None else len(self.text)

    def texts(self) -> list[str]:
        """The text of each column."""
        return [cell.text for cell in self.fill()]

    def plain(self) -> str:
        """The text of the row, as it is to be searched: no cells are made for it, and a column that
        stayed free because a wide character did not fit is not part of it."""
        if self.pens is not None:
            return self.blank.pen.table.codes.spelled_out(self.text)
        text = "".join(cell.text for cell in self)
        return text[:-1] if self.gap else text

    def used(self) -> int:
        """How many columns are left when the blank ones at the end are taken away.

        Their background does not count: it is what erasing left there, not text.
        """
        last = len(self.fill())
        while last and is_blank(self[last - 1]):
            last -= 1
        return last

    def fit(self, columns: int, blank: Cell) -> Line:
        """Make the row this long, by cutting or by blanks like those it ends with."""
        if self.pens is not None and len(self.text) <= columns:
            if self.columns != columns:
                self.columns = columns
                self.stamp = 0
            return self
        length = len(self.fill())
        if length > columns:
            if columns and not self[columns].width:
                self[columns - 1] = self[columns - 1].pen[" "]
            del self[columns:]
            self.stamp = 0
        elif length < columns:
            filler = self[-1] if length and is_blank(self[-1]) else blank
            self.extend([filler] * (columns - length))
            self.stamp = 0
        return self


def new_line(cells: list[Cell], wrapped: bool = False) -> Line:
    """A row of these cells."""
    line = Line(cells)
    line.pens = None
    line.columns = len(cells)
    line.wrapped = wrapped
    line.gap = False
    line.mark = ""
    line.stamp = 0
    return line


def unwritten_line(columns: int, blank: Cell) -> Line:
    """A row of blanks, to be written from the left.

    Line has no constructor of its own: a call of one would be the dearest part of scrolling.
    """
    line = Line()
    line.pens = []
    line.ends = []
    line.text = ""
    line.columns = columns
    line.blank = blank
    line.wrapped = line.gap = False
    line.mark = ""
    line.stamp = 0
    return line


def is_blank(cell: Cell) -> bool:
    """Whether nothing is to be seen in the cell but a background."""
    return cell.text == " " and cell.pen.style == PLAIN
