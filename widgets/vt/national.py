"""The character sets of the VT220 to VT510 beside ASCII and line drawing: what differs in each.

The sources are the VT510 manual ("Character Sets") and xterm's table of designators. Every set is
known by the characters that designate it; those of 96 characters (which have designators of their
own) begin with ``96``.
"""

from __future__ import annotations

from typing import Final

Table = dict[int, str]


def _replaced(places: str, by: str) -> Table:
    return {ord(place): char for place, char in zip(places, by, strict=True)}


_BRITISH: Final = _replaced("#", "£")
_FINNISH: Final = _replaced("[\\]^`{|}~", "ÄÖÅÜéäöåü")
_FRENCH: Final = _replaced("#@[\\]{|}~", "£à°ç§éùè¨")
_CANADIAN: Final = _replaced("@[\\]^`{|}~", "àâçêîôéùèû")
_NORWEGIAN: Final = _replaced("@[\\]^`{|}~", "ÄÆØÅÜäæøåü")
_SWEDISH: Final = _replaced("@[\\]^`{|}~", "ÉÄÖÅÜéäöåü")

NATIONAL: Final[dict[str, Table]] = {
    "4": _replaced("#@[\\]{|}~", "£¾ĳ½|¨ƒ¼´"),  # Dutch  # noqa: RUF001
    "5": _FINNISH,
    "C": _FINNISH,
    "R": _FRENCH,
    "f": _FRENCH,
    "9": _CANADIAN,
    "Q": _CANADIAN,
    "K": _replaced("@[\\]{|}~", "§ÄÖÜäöüß"),  # German
    "Y": _replaced("#@[\\]`{|}~", "£§°çéùàòèì"),  # Italian
    "6": _NORWEGIAN,
    "E": _NORWEGIAN,
    "`": _NORWEGIAN,
    "%6": _replaced("[\\]{|}", "ÃÇÕãçõ"),  # Portuguese
    "Z": _replaced("#@[\\]{|}", "£§¡Ñ¿°ñç"),  # Spanish
    "7": _SWEDISH,
    "H": _SWEDISH,
    "=": _replaced("#@[\\]^_`{|}~", "ùàéçêîèôäöüû"),  # Swiss
}
"""Sets that there are only while mode 42 (DECNRCM) is set."""

_LATIN_1: Final[Table] = {code: chr(code + 0x80) for code in range(0x20, 0x80)}

_NONE: Final = "\u2e2e"
"""What a VT shows for a place in a set that has no character."""

_SUPPLEMENTAL: Final[Table] = (
    {code: _LATIN_1[code] for code in range(0x21, 0x7F)}
    | dict.fromkeys(b"$&,-./48>P^p~", _NONE)
    | _replaced("(W]w}", "¤ŒŸœÿ")
)

_TECHNICAL: Final[Table] = dict.fromkeys(b"123456789:;RTUmu", _NONE) | _replaced(
    "!\"#$%&'()*+,-./0<=>?@ABCDEFGHIJKLMNOPQSVWXYZ[\\]^_`abcdefghijklnopqrstvwxyz{|}~",
    "⎷┌─⌠⌡│⎡⎣⎤⎦⎧⎩⎫⎭⎨⎬≤≠≥∫∴∝∞÷Δ∇ΦΓ∼≃Θ×Λ⇔⇒≡ΠΨΣ√ΩΞΥ⊂⊃∩∪∧∨¬αβχδεφγηιθκλν∂πψρστƒωξυζ←↑→↓",  # noqa: RUF001
)

SETS: Final[dict[str, Table]] = {
    "A": _BRITISH,
    "96A": _LATIN_1,
    "<": _SUPPLEMENTAL,
    "%5": _SUPPLEMENTAL,
    ">": _TECHNICAL,
}
"""Sets that there are always."""
