"""A tab: terminals that are seen together, one of which has the keys."""

from __future__ import annotations

from widgets.tiling import Place, Tiling


class Tab:
    """Terminals that are seen together; one of them has the keys."""

    def __init__(self, number: int) -> None:
        self.tiling = Tiling(number)
        self.zoomed = False
        self._recent = [number]

    @property
    def active(self) -> int:
        """The terminal that has the keys."""
        return self._recent[-1]

    @property
    def numbers(self) -> list[int]:
        """All its terminals, in reading order."""
        return self.tiling.keys

    @property
    def shown(self) -> list[int]:
        """Those that are seen while the tab is: all, or the zoomed one."""
        return [self.active] if self.zoomed else self.numbers

    def places(self, width: int, height: int) -> dict[int, Place]:
        """Where each shown terminal is in an area of this size."""
        if self.zoomed:
            return {self.active: Place(0, 0, width, height)}
        return self.tiling.places(width, height)

    def activate(self, number: int) -> None:
        """Give it the keys. A zoomed tab shows it instead."""
        if number in self._recent:
            self._recent.remove(number)
        self._recent.append(number)

    def split(self, number: int, *, beside: bool) -> None:
        """Put a terminal next to the active one, and give it the keys."""
        self.tiling.split(self.active, number, beside=beside)
        self.zoomed = False
        self.activate(number)

    def remove(self, number: int) -> bool:
        """Take a terminal out; the one used before it gets the keys. False: it was the last."""
        if not self.tiling.remove(number):
            return False
        if number in self._recent:
            self._recent.remove(number)
        if not self._recent:
            self._recent = [self.numbers[0]]
        self.zoomed = self.zoomed and len(self.numbers) > 1
        return True
