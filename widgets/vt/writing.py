"""Writing runs of one kind into the rows, over as many rows as they take."""

from __future__ import annotations

from typing import Final

from widgets.vt.clusters import Clusters
from widgets.vt.codes import RIGHT_HALF
from widgets.vt.dots import Dots
from widgets.vt.pens import Pen

MAX_RUNS: Final = 128
"""With more pieces than this a row takes less memory, and no more time, as cells."""


class Writing(Clusters):
    """Narrow and wide runs, and columns for a row that has no cells yet (see `line`)."""

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

    def _room(self) -> int:
        """How many columns of the row are free for text to be appended."""
        cursor = self.cursor
        line = self.grid[cursor.y]
        pens = line.pens
        if pens is None or len(pens) >= MAX_RUNS or cursor.x < len(line.text):
            return 0
        if cursor.pending_wrap or self.modes.insert:
            return 0
        return max(0, self.right + 1 - cursor.x)

    def _append(self, columns: str, pen: Pen | Dots, last: str) -> None:
        """Write columns behind the text of the row, where there is room for them."""
        cursor = self.cursor
        line = self.grid[cursor.y]
        if cursor.x > len(line.text):
            line.append_run(" " * (cursor.x - len(line.text)), line.blank.pen)
        line.append_run(columns, pen)
        end = cursor.x + len(columns)
        if end < self.right:
            cursor.x = end
        else:
            self.advance(end, self.right + 1)
        self.last_text = last
        self.joinable = True
