"""How many columns text takes, and which characters join the one before them.

The widths are wcwidth's. The joining rules are the part of Unicode Standard Annex 29 (grapheme
clusters) that shows in terminals: combining marks, variation selector 16, zero width joiner
sequences, skin tones and flags. They work on the cell already written, so that it makes no
difference whether a cluster comes in one piece or byte by byte.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from wcwidth import wcswidth, wcwidth

MAX_CLUSTER: Final = 16
"""The longest cluster kept, in code points; further combining marks are dropped."""

ZWJ: Final = "\u200d"
VS16: Final = "\ufe0f"

_NARROW: Final = (
    " -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1"
    "\u03a3-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u2193\u2200-\u22ff\u2500-\u25fc"
    "\u2800-\u28ff\ue0a0-\ue0d4\ufffd"
)
_WIDE: Final = (
    "\u3001-\u3029\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
)
_LETTERS: Final = "A-Za-z\u00c0-\u024f\u0370-\u03ff\u0410-\u044f"
_MARKS: Final = "\u0300-\u036f"


def _ranges(codes: Iterable[int]) -> str:
    """Characters as ranges of a regular expression: a set of single ones beyond the BMP would be
    searched one by one."""
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


# The wide characters of the emoji blocks, but for flags and skin tones.
_EMOJI: Final = _ranges(
    code for code in [*range(0x1F300, 0x1F3FB), *range(0x1F400, 0x1FB00)] if wcwidth(chr(code)) == 2
)
# Hearts, suns, arrows and the like: narrow, and wide with variation selector 16.
_WIDENED: Final = _ranges(
    code
    for code in range(0x203C, 0x329A)
    if wcwidth(chr(code)) == 1 and wcswidth(chr(code) + VS16) == 2
)


NARROW: Final = re.compile(f"[{_NARROW}]+")
"""Runs in which every character takes one column and joins nothing before it."""

WIDE: Final = re.compile(f"[{_WIDE}]+")
"""Runs in which every character takes two columns and joins nothing before it."""

EMOJI: Final = re.compile(f"[{_EMOJI}]+")
"""Runs in which every character takes two columns and joins only a zero width joiner."""

_TONES: Final = "\U0001f3fb-\U0001f3ff"
_FLAG_HALVES: Final = "\U0001f1e6-\U0001f1ff"
_PERSON: Final = f"[{_EMOJI}]\ufe0f?[{_TONES}]?"

RUN, WIDE_RUN, CLUSTER, EMOJI_RUN, MARKED, SELECTED, OTHER = range(1, 8)
"""What a piece of text is: the groups of PIECES."""

PIECES: Final = re.compile(
    f"({NARROW.pattern}(?![{_MARKS}]))|({WIDE.pattern})"
    f"|({_PERSON}(?:\u200d{_PERSON}){{1,3}}|[{_EMOJI}][{_TONES}]|[{_FLAG_HALVES}]{{2}})"
    f"|({EMOJI.pattern}(?![\ufe0f\u200d{_TONES}]))|([{_LETTERS}][{_MARKS}]{{1,9}})"
    f"|([{_WIDENED}]\ufe0f(?![{_MARKS}\u20d0-\u20ff\u200d{_TONES}]))|(.)",
    re.DOTALL,
)
"""Cuts text into what can be written at once: narrow, wide, a cluster of emoji, single emoji, a
letter with marks, a symbol that variation selector 16 widens, and (one by one) the rest."""


@lru_cache(maxsize=8192)
def char_width(char: str) -> int:
    """The columns of one code point: 0, 1 or 2."""
    return 2 if is_flag_half(char) else max(0, wcwidth(char))


def cell_width(text: str) -> int:
    """The columns of a whole cell when clusters are joined (0 for a wide character's right
    half)."""
    if len(text) == 1:
        return char_width(text)
    if not text:
        return 0
    if is_flag_half(text[0]):
        return 2 if is_flag_half(text[1]) else char_width(text[0])
    width = max(1, char_width(text[0]))
    if width == 1 and text[1] == VS16 and widened_by_vs16(text[0]):
        return 2
    return width


@lru_cache(maxsize=1024)
def widened_by_vs16(base: str) -> bool:
    """Whether variation selector 16 turns this narrow character into a wide emoji."""
    return wcswidth(base + VS16) == 2


def is_flag_half(char: str) -> bool:
    """Whether it is a regional indicator; two of them make a flag (UAX 29, GB12)."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def is_skin_tone(char: str) -> bool:
    """Whether it is an emoji modifier, which joins the emoji before it."""
    return "\U0001f3fb" <= char <= "\U0001f3ff"


@lru_cache(maxsize=2048)
def is_pictograph(char: str) -> bool:
    """Whether it can take part in an emoji sequence (close to Unicode's Extended_Pictographic)."""
    if NARROW.match(char):
        return False
    if "\U0001f000" <= char <= "\U0001faff":
        return not is_flag_half(char)
    return char >= "\u00a9" and unicodedata.category(char) in {"So", "Sm", "Po"}


def joins(cluster: str, char: str) -> bool:
    """Whether a character that would take columns itself belongs to the cluster before it."""
    if len(cluster) >= MAX_CLUSTER:
        return False
    if is_flag_half(char):
        return len(cluster) == 1 and is_flag_half(cluster)
    if is_skin_tone(char):
        return is_pictograph(cluster[0]) and not is_skin_tone(cluster[-1])
    return cluster[-1] == ZWJ and is_pictograph(cluster[0]) and is_pictograph(char)
