"""Writing runs of text into the rows."""

from __future__ import annotations

from typing import Final

from widgets.vt.cells import Cell
from widgets.vt.clusters import Clusters
from widgets.vt.line import Line
from widgets.vt.width import NARROW, WIDE

MAX_REPEAT: Final = 65_535

MAX_RUNS: Final = 24
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
            if end >= self.right or not self._is_open(line, x, end):
                self._draw_narrow(data)
                return
            line[x:end] = self.pen.cells(data)
        elif x == len(line.text) and end < self.right and len(pens) < MAX_RUNS:
            # The common case, without a call: text behind the text that is already in the row.
            line.text += data
            if pens and pens[-1] is self.pen:
                line.ends[-1] = end
            else:
                pens.append(self.pen)
                line.ends.append(end)
        else:
            self._draw_narrow(data)
            return
        cursor.x = end
        line.stamp = 0
        self.last_text = data[-1]

    def _is_open(self, line: Line, start: int, end: int) -> bool:
        """Whether writing here neither moves anything nor cuts a wide character in two."""
        return bool(line[start].width and line[end].width) and not self.modes.insert

    def repeat(self, count: int) -> None:
        """REP: write the last character again."""
        text = self.last_text
        if not text:
            return
        count = min(count, MAX_REPEAT, self.columns * self.lines)
        if NARROW.fullmatch(text):
            self._draw_narrow(text * count)
        else:
            cell = self.pen[text]
            for _ in range(count):
                self.put_one(cell, cell.width)

    def _draw_mixed(self, data: str) -> None:
        position = 0
        length = len(data)
        while position < length:
            run = NARROW.match(data, position)
            if run is not None:
                self._draw_narrow(run[0])
            else:
                run = WIDE.match(data, position)
                if run is not None:
                    self._draw_wide([self.pen[char] for char in run[0]])
            if run is None:
                self.draw_char(data[position])
                position += 1
            else:
                position = run.end()
            self.joinable = True

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

    def _draw_wide(self, cells: list[Cell]) -> None:
        """Write characters of two columns each: as many as fit by one slice, then wrap."""
        cursor = self.cursor
        start = 0
        while start < len(cells):
            if cursor.pending_wrap:
                self.wrap()
            x = cursor.x
            limit = self.limit(x)
            fitting = cells[start : start + (limit - x) // 2]
            if not fitting or x + 2 * len(fitting) >= limit:
                self.put_one(cells[start], 2)
                start += 1
                continue
            pairs = [self.pen[""]] * (2 * len(fitting))
            pairs[::2] = fitting
            self.put(x, x + len(pairs), pairs)
            self.advance(x + len(pairs), limit)
            start += len(fitting)
        self.last_text = cells[-1].text
