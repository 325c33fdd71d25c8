"""Copy mode: a cursor of one's own on rows that stand still, to look, search, select and copy.

Keys are vi's, as in tmux and less. Pure: it is told keys and says what became of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from widgets.terminal_rows import FrozenRows
from widgets.terminal_search import Search
from widgets.terminal_selection import Kind, Selection
from widgets.vt import Terminal


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What a key led to: text to be copied, the end of copy mode."""

    copied: str | None = None
    left: bool = False


_STAY, _LEAVE = Outcome(), Outcome(left=True)


class CopyMode:
    """One stay in copy mode, in a view of `height` rows that begins at row `top`."""

    def __init__(self, terminal: Terminal, scrolled: int) -> None:
        self.rows = FrozenRows(terminal)
        self.height = terminal.lines
        self.top = max(self.rows.first, self.rows.top - scrolled)
        row = self.top + (terminal.cursor.row if not scrolled else self.height - 1)
        self.row, self.column = row, terminal.cursor.column if not scrolled else 0
        self.selection: Selection | None = None
        self.prompt: str | None = None
        self.search: Search | None = None
        self.hit: int | None = None
        self._up = True
        self._start = (row, self.column)
        self._keys = self._key_table()

    def _key_table(self) -> dict[str, Callable[[], Outcome | None]]:
        page, half = max(1, self.height - 1), max(1, self.height // 2)
        table: dict[str, Callable[[], Outcome | None]] = {
            "left h": lambda: self._move(columns=-1),
            "right l": lambda: self._move(columns=1),
            "up k": lambda: self._move(-1),
            "down j": lambda: self._move(1),
            "pageup ctrl+b": lambda: self._move(-page),
            "pagedown ctrl+f": lambda: self._move(page),
            "ctrl+u": lambda: self._move(-half),
            "ctrl+d": lambda: self._move(half),
            "g": lambda: self.go_to(self.rows.first, 0),
            "G": lambda: self.go_to(self.rows.last, 0),
            "home 0": lambda: self.go_to(self.row, 0),
            "^": lambda: self.go_to(self.row, self._first_text()),
            "end $": lambda: self.go_to(self.row, self._last_text()),
            "w": lambda: self._move_word(1),
            "b": lambda: self._move_word(-1),
            "space v": lambda: self._select("text"),
            "V": lambda: self._select("lines"),
            "ctrl+v r": lambda: self._select("rectangle"),
            "o": self._swap_ends,
            "y enter": self._copy,
            "/": lambda: self.ask(up=True),
            "?": lambda: self.ask(up=False),
            "n": lambda: self._go_to_hit(up=self._up),
            "N": lambda: self._go_to_hit(up=not self._up),
            "escape": self._let_go,
            "q": lambda: _LEAVE,
        }
        return {key: deed for keys, deed in table.items() for key in keys.split()}

    def press(self, key: str, character: str | None) -> Outcome:
        """One key, by name (`key`) and by what it types. One without a meaning does nothing."""
        if self.prompt is not None:
            self._edit(key, character)
            return _STAY
        printable = character is not None and character.isprintable() and character != " "
        deed = self._keys.get(character if printable and character else key)
        return (deed and deed()) or _STAY

    # -- moving

    def go_to(self, row: int, column: int) -> None:
        """Put the cursor there, as near as there are cells, and bring it into view."""
        self.row = min(max(row, self.rows.first), self.rows.last)
        self.column = min(max(column, 0), self.rows.columns - 1)
        self.top = min(max(self.top, self.row - self.height + 1), self.row)
        if self.selection is not None:
            self.selection.end = self.row, self.column

    def scroll(self, lines: int) -> None:
        """Move the view, and the cursor where it would be left behind."""
        lowest = max(self.rows.first, self.rows.last - self.height + 1)
        self.top = min(max(self.top + lines, self.rows.first), lowest)
        self.go_to(min(max(self.row, self.top), self.top + self.height - 1), self.column)

    def _move(self, rows: int = 0, columns: int = 0) -> None:
        self.go_to(self.row + rows, self.column + columns)

    def _first_text(self) -> int:
        text = [cell.text for cell in self.rows.line(self.row)]
        return next((column for column, each in enumerate(text) if each.strip()), 0)

    def _last_text(self) -> int:
        return max(0, self.rows.line(self.row).used() - 1)

    def _move_word(self, step: int) -> None:
        """To the first cell of the next word, or of one before."""
        row, column = self.row, self.column
        while True:
            column += step
            line = self.rows.line(row)
            if not 0 <= column < len(line):
                row += step
                if not self.rows.first <= row <= self.rows.last:
                    return
                line = self.rows.line(row)
                column = 0 if step > 0 else len(line) - 1
            before = line[column - 1].text if column else " "
            if not line[column].text.isspace() and before.isspace():
                self.go_to(row, column)
                return

    # -- selecting

    def _select(self, kind: Kind) -> None:
        """Begin a selection, give it another form, or, in the same form again, drop it."""
        point = self.row, self.column
        if self.selection is None:
            self.selection = Selection(point, point, kind)
        elif self.selection.kind == kind:
            self.selection = None
        else:
            self.selection.kind = kind

    def _swap_ends(self) -> None:
        if self.selection is not None:
            self.selection.anchor, self.selection.end = self.selection.end, self.selection.anchor
            self.row, self.column = self.selection.end
            self.go_to(self.row, self.column)

    def _copy(self) -> Outcome:
        """Copy the selection, or without one the row, and be done."""
        selection = self.selection or Selection((self.row, 0), (self.row, 0), "lines")
        return Outcome(copied=selection.text(self.rows) or None, left=True)

    def _let_go(self) -> Outcome:
        if self.selection is None:
            return _LEAVE
        self.selection = None
        return _STAY

    # -- searching

    def ask(self, *, up: bool) -> None:
        """Begin to type a pattern; it is looked for while it is typed."""
        self.prompt = ""
        self._up = up
        self._start = self.row, self.column
        self.search = self.search or Search(self.rows)

    def type_pattern(self, text: str) -> None:
        """More of the pattern: its first line, without what cannot be seen."""
        line = text.splitlines()[0] if text else ""
        self._look_for((self.prompt or "") + "".join(each for each in line if each.isprintable()))

    def _edit(self, key: str, character: str | None) -> None:
        match key:
            case "enter":
                self.prompt = None
            case "escape":
                self._look_for("")
                self.prompt = None
            case "backspace" | "ctrl+h":
                self._look_for((self.prompt or "")[:-1])
            case "ctrl+u":
                self._look_for("")
            case _ if character is not None:
                self.type_pattern(character)

    def _look_for(self, pattern: str) -> None:
        self.prompt = pattern
        self.go_to(*self._start)
        self.hit = None
        if self.search is not None:
            self.search.find(pattern)
            self._go_to_hit(up=self._up)

    def _go_to_hit(self, *, up: bool) -> None:
        if self.search is None:
            return
        self.hit = self.search.next_to((self.row, self.column), up=up)
        if self.hit is not None:
            self.go_to(*self.search.hit(self.hit)[0])
