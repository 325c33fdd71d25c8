"""Character sets: designating and invoking them (ISO 2022, VT220)."""

from __future__ import annotations

from typing import Final

from pyte.charsets import VT100_MAP

from widgets.vt.national import NATIONAL, SETS
from widgets.vt.state import ScreenState

ASCII: Final = "B"

# pyte's map follows Linux, which turns +,-./0 into arrows and has another sign for the line feed.
_GRAPHICS: Final = {code: VT100_MAP[code] for code in range(0x60, 0x7F)} | {
    0x5F: " ",
    0x68: "\u2424",
}

TRANSLATIONS: Final[dict[str, dict[int, str]]] = {
    "0": _GRAPHICS,
    "2": _GRAPHICS,
    **SETS,
    **NATIONAL,
}
"""The sets that differ from ASCII."""

_SLOTS: Final = {"(": 0, ")": 1, "*": 2, "+": 3, "-": 1, ".": 2, "/": 3}


class Charsets(ScreenState):
    """Designating and invoking character sets."""

    def define_charset(self, code: str, mode: str) -> None:
        """Designate a set to G0-G3 (SCS); one that is not known is taken for ASCII."""
        name = f"96{code}" if mode in "-./" else code
        if name not in TRANSLATIONS or (name in NATIONAL and not self.modes.national_sets):
            name = ASCII
        sets = list(self.charsets)
        sets[_SLOTS[mode]] = name
        self.charsets = (sets[0], sets[1], sets[2], sets[3])
        self.invoke_charset(self.shifted_to)

    def invoke_charset(self, slot: int) -> None:
        """Use the set in this slot for the text to come."""
        self.shifted_to = slot
        self.translation = TRANSLATIONS.get(self.charsets[slot])

    def shift_in(self) -> None:
        """SI, LS0."""
        self.invoke_charset(0)

    def shift_out(self) -> None:
        """SO, LS1."""
        self.invoke_charset(1)

    def locking_shift_2(self) -> None:
        """LS2."""
        self.invoke_charset(2)

    def locking_shift_3(self) -> None:
        """LS3."""
        self.invoke_charset(3)

    def single_shift_2(self) -> None:
        """SS2: the next character is from G2."""
        self.single_shift = 2

    def single_shift_3(self) -> None:
        """SS3: the next character is from G3."""
        self.single_shift = 3

    def translated(self, data: str) -> str:
        """The text in the sets it was written in."""
        if self.single_shift is not None:
            table = TRANSLATIONS.get(self.charsets[self.single_shift], {})
            self.single_shift = None
            rest = data[1:].translate(self.translation) if self.translation else data[1:]
            return data[0].translate(table) + rest
        return data.translate(self.translation) if self.translation else data
