"""Writing runs of text into the rows."""

from __future__ import annotations

from typing import Final

from widgets.vt.clusters import Clusters
from widgets.vt.line import Line
from widgets.vt.pens import RIGHT_HALF
from widgets.vt.width import EMOJI, NARROW, PIECES, WIDE, ZWJ, is_flag_half

MAX_RUNS: Final = 128
"""With more pieces than this a row takes less memory, and no more time, as cells."""


class Drawing(Clusters):
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
        for piece in PIECES.finditer(data):
            text = piece[0]
            kind = piece.lastindex
            if kind == 1:
                self._draw_narrow(text)
            elif kind == 2:
                self._draw_wide(text)
            elif kind == 5:
                self.put_one(self.pen[text], 1)
            elif kind == 6 or not self._is_apart():
                self._draw_chars(text)
            elif kind == 3:
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

    def _draw_narrow(self, data: str) -> None:
        """Write characters of one column each, over as many rows as they take."""
        self.last_text = data[-1]
        cursor = self.cursor
        while True:
            if cursor.pending_wrap:
                self.wrap()
            x = cursor.x
            limit = self.limit(x)
            end = x + len(data)
            if end <= limit:
                self._write(x, data)
                self.advance(end, limit)
                return
            room = limit - x
            if not self.modes.autowrap:
                # Everything beyond the edge is written over in the last column.
                self._write(x, data[: room - 1] + data[-1])
                self.advance(limit, limit)
                return
            self._write(x, data[:room])
            data = data[room:]
            self.advance(limit, limit)

    def _write(self, x: int, data: str) -> None:
        """Write into the cursor's row what is known to fit."""
        line = self.grid[self.cursor.y]
        if line.pens is None or x < len(line.text) or len(line.pens) >= MAX_RUNS:
            self.put(x, x + len(data), self.pen.cells(data))
            return
        if x > len(line.text):
            line.append_run(" " * (x - len(line.text)), line.blank.pen)
        line.append_run(data, self.pen)

    def _draw_wide(self, data: str) -> None:
        """Write characters of two columns each, over as many rows as they take."""
        cursor = self.cursor
        start = 0
        while start < len(data):
            if cursor.pending_wrap:
                self.wrap()
            x = cursor.x
            limit = self.limit(x)
            fitting = data[start : start + (limit - x) // 2]
            if fitting:
                self._write(x, RIGHT_HALF.join(fitting) + RIGHT_HALF)
                self.advance(x + 2 * len(fitting), limit)
                start += len(fitting)
            else:
                self.put_one(self.pen[data[start]], 2)
                start += 1
        self.last_text = data[-1]
