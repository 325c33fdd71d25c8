"""The terminals that are open: in tabs, several of them side by side in one, some marked.

Pure: it knows terminals by their numbers. What is typed goes to the active terminal; while input
is broadcast, what is typed into a marked terminal goes to all marked ones.
"""

from __future__ import annotations

from app.tab import Tab
from widgets.tiling import Direction


class Workspace:
    """All tabs; while there is one, one of them is in front."""

    def __init__(self) -> None:
        self.tabs: list[Tab] = []
        self.marked: set[int] = set()
        self.broadcasting = False
        self._front = 0

    # -- looking

    @property
    def tab(self) -> Tab | None:
        """The tab in front."""
        return self.tabs[self._front] if self.tabs else None

    @property
    def active(self) -> int | None:
        """The terminal that has the keys."""
        return self.tab.active if self.tab else None

    @property
    def numbers(self) -> list[int]:
        """All terminals, tab by tab."""
        return [number for tab in self.tabs for number in tab.numbers]

    def is_shown(self, number: int) -> bool:
        """Whether one sees it when one looks at the terminals."""
        return self.tab is not None and number in self.tab.shown

    @property
    def receivers(self) -> list[int]:
        """The terminals that get what is typed now; the active one first."""
        active = self.active
        if active is None:
            return []
        others = self.numbers if self.broadcasts_from(active) else []
        return [active, *(each for each in others if each in self.marked and each != active)]

    def broadcasts_from(self, number: int) -> bool:
        """Whether what is typed into that terminal goes to others as well."""
        return self.broadcasting and number in self.marked

    # -- coming and going

    def open(self, number: int) -> None:
        """A terminal in a tab of its own, in front, after the one that was."""
        place = self._front + 1 if self.tabs else 0
        self.tabs.insert(place, Tab(number))
        self._front = place

    def split(self, number: int, *, beside: bool) -> None:
        """A terminal next to the active one."""
        if self.tab is None:
            self.open(number)
        else:
            self.tab.split(number, beside=beside)

    def close(self, number: int) -> None:
        """It is not there any more."""
        tab = self._tab_of(number)
        if tab is None:
            return
        self.marked.discard(number)
        self._settle()
        if tab.remove(number):
            return
        index = self.tabs.index(tab)
        del self.tabs[index]
        if index < self._front or self._front == len(self.tabs):
            self._front = max(0, self._front - 1)

    def _tab_of(self, number: int) -> Tab | None:
        return next((tab for tab in self.tabs if number in tab.numbers), None)

    # -- moving the keys

    def activate(self, number: int) -> None:
        """Bring that terminal to the front and give it the keys."""
        tab = self._tab_of(number)
        if tab is not None:
            tab.activate(number)
            self._front = self.tabs.index(tab)

    def go_to_tab(self, index: int) -> bool:
        """Bring the tab with that index to the front; False when there is none."""
        if not 0 <= index < len(self.tabs):
            return False
        self._front = index
        return True

    def step_tab(self, steps: int) -> None:
        """Bring the next tab to the front, or one before; round and round."""
        if self.tabs:
            self._front = (self._front + steps) % len(self.tabs)

    def step_terminal(self) -> None:
        """Give the keys to the next terminal of the tab."""
        if self.tab is not None:
            numbers = self.tab.numbers
            self.tab.activate(numbers[(numbers.index(self.tab.active) + 1) % len(numbers)])

    def go(self, direction: Direction) -> None:
        """Give the keys to the terminal that lies that way."""
        if self.tab is not None:
            found = self.tab.tiling.neighbour(self.tab.active, direction)
            if found is not None:
                self.tab.activate(found)

    # -- rearranging

    def break_out(self) -> bool:
        """Give the active terminal a tab of its own; False when it has one."""
        tab = self.tab
        if tab is None:
            return False
        number = tab.active
        if not tab.remove(number):
            return False
        self.open(number)
        return True

    def join_next(self) -> bool:
        """Put the terminals of the next tab beside the active one; False without another tab."""
        tab = self.tab
        if tab is None or len(self.tabs) < 2:
            return False
        active, other = tab.active, self.tabs[(self._front + 1) % len(self.tabs)]
        self.tabs.remove(other)
        self._front = self.tabs.index(tab)
        for number in other.numbers:
            tab.split(number, beside=True)
        tab.tiling.even_out()
        tab.activate(active)
        return True

    # -- marking

    def toggle_mark(self) -> None:
        """Mark the active terminal for broadcast input, or take its mark away."""
        if self.active is not None:
            self.marked ^= {self.active}
            self._settle()

    def toggle_all_marks(self) -> None:
        """Mark all terminals of the tab; where all are marked, none."""
        if self.tab is None:
            return
        all_here = set(self.tab.numbers)
        if all_here <= self.marked:
            self.marked -= all_here
        else:
            self.marked |= all_here
        self._settle()

    def _settle(self) -> None:
        """Broadcasting to one terminal, or to none, is none."""
        self.broadcasting = self.broadcasting and len(self.marked) > 1

    def toggle_broadcast(self) -> bool:
        """Begin or end to broadcast; False when fewer than two terminals are marked."""
        if not self.broadcasting and len(self.marked) < 2:
            return False
        self.broadcasting = not self.broadcasting
        return True
