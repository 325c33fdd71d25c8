"""Writing runs of text into the rows."""

from __future__ import annotations

from typing import Final

from widgets.vt.codes import RIGHT_HALF
from widgets.vt.dots import Dots
from widgets.vt.line import Line
from widgets.vt.width import (
    CLUSTER,
    EMOJI,
    EMOJI_RUN,
    MARKED,
    NARROW,
    OTHER,
    PIECES,
    RUN,
    SELECTED,
    WIDE,
    WIDE_RUN,
    ZWJ,
    is_flag_half,
)
from widgets.vt.writing import MAX_RUNS, Writing

_CLUSTERS: Final = frozenset({CLUSTER, MARKED, SELECTED})


class Drawing(Writing):
    """Text: runs of characters that join nothing before them at once, the others one by one."""

    def draw(self, data: str) -> None:
        """Write text at the cursor."""
        if self.translation is not None or self.single_shift is not None:
            data = self.translated(data)
        if not (data.isascii() or NARROW.fullmatch(data)):
            self._draw_mixed(data)
            return
        self.joinable = True
        cursor = self.cursor
        line = self.grid[cursor.y]
        x = cursor.x
        end = x + len(data)
        pens = line.pens
        if pens is None:
            self._overwrite(line, x, data)
        elif x == len(line.text) and end < self.right and len(pens) < MAX_RUNS:
            # The common case, without a call: text behind the text that is already in the row.
            line.text += data
            if pens and pens[-1] is self.pen:
                line.ends[-1] = end
            else:
                pens.append(self.pen)
                line.ends.append(end)
            cursor.x = end
            line.stamp = 0
            self.last_text = data[-1]
        else:
            self._draw_narrow(data)

    def _overwrite(self, line: Line, x: int, data: str) -> None:
        """Write into a row of cells, quickly where that neither wraps, nor moves anything, nor cuts
        a wide character in two."""
        end = x + len(data)
        if end >= self.right or self.modes.insert or not (line[x].width and line[end].width):
            self._draw_narrow(data)
            return
        if len(data) == 1:
            line[x] = self.pen[data]
        else:
            line[x:end] = self.pen.cells(data)
        line.stamp = 0
        self.cursor.x = end
        self.last_text = data[-1]

    def delete(self) -> None:
        """DEL: nothing, or the last character where a set of 96 is in use (ISO 2022)."""
        slot = self.shifted_to if self.single_shift is None else self.single_shift
        if self.charsets[slot].startswith("96"):
            self.draw("\x7f")

    def repeat(self, count: int) -> None:
        """REP: write the character directly before it again (ECMA-48, 8.3.103), at most until the
        screen is full of it."""
        text = self.last_text if self.joinable else ""
        count = min(count, self.columns * self.lines)
        if NARROW.fullmatch(text):
            self._draw_narrow(text * count)
        elif WIDE.fullmatch(text) or EMOJI.fullmatch(text):
            self._draw_wide(text * count)
        elif text:
            cell = self.pen[text]
            for _ in range(min(count, self.columns)):
                self.put_one(cell, cell.width)

    def _draw_mixed(self, data: str) -> None:
        """Write text of all kinds: in one run what fits behind the text of the row, the rest piece
        by piece."""
        run: list[str] = []
        last = ""
        length = 0
        joins = self.modes.grapheme_clusters
        room = self._room()
        for piece in PIECES.finditer(data):
            text = piece[0]
            kind = piece.lastindex or OTHER
            if kind == RUN:
                columns = text
            elif kind == WIDE_RUN:
                columns = RIGHT_HALF.join(text) + RIGHT_HALF
            elif kind == OTHER or not (joins and (run or self._is_apart())):
                columns = ""
            else:
                columns = self._in_columns(kind, text)
            if columns and length + len(columns) <= room:
                run.append(columns)
                length += len(columns)
                last = text if kind in _CLUSTERS else text[-1]
                continue
            if run:
                self._append("".join(run), self.pen, last)
                run = []
                length = 0
            self._draw_piece(kind, text)
            room = self._room()
        if run:
            self._append("".join(run), self.pen, last)

    def draw_dots(self, written: str) -> None:
        """Write a run that has colours of its own for every character or two (see `dots`)."""
        dots = Dots(self.pen, written)
        text = dots.text()
        plain = self.translation is None and self.single_shift is None
        if plain and len(text) <= self._room() and NARROW.fullmatch(text):
            self._append(text, dots, text[-1])
            self.pen = dots.last_pen()
            self.pens.count_dots(len(text))
            return
        for sequence, part in dots:
            self.pen = self.pens.change(self.pen, sequence)
            self.joinable = False
            self.draw(part)

    def _in_columns(self, kind: int, text: str) -> str:
        """Emoji and clusters with one character for each column; nothing where that cannot be."""
        if kind == EMOJI_RUN:
            return RIGHT_HALF.join(text) + RIGHT_HALF
        code = self.pens.codes.code(text)
        return code + RIGHT_HALF if code and kind != MARKED else code

    def _draw_piece(self, kind: int, text: str) -> None:
        if kind == RUN:
            self._draw_narrow(text)
        elif kind == WIDE_RUN:
            self._draw_wide(text)
        elif kind == MARKED:
            self.put_one(self.pen[text], 1)
        elif kind in (SELECTED, OTHER) or not self._is_apart():
            self._draw_chars(text)
        elif kind == CLUSTER:
            self.put_one(self.pen[text], 2)
        else:
            self._draw_wide(text)
        self.joinable = True

    def _draw_chars(self, text: str) -> None:
        for char in text:
            self.draw_char(char)
            self.joinable = True

    def _is_apart(self) -> bool:
        """Whether an emoji or a flag to come has nothing to join, and will join within itself."""
        before = self.last_text[-1:] if self.joinable else ""
        modes = self.modes
        has_room = modes.autowrap and self.right - self.left > 2
        return has_room and modes.grapheme_clusters and before != ZWJ and not is_flag_half(before)
